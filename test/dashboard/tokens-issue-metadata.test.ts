import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { metadataIn, metadataText } from '../../src/dashboard/pages/tokens/metadata-text.ts';
import { ServiceError } from '../../src/lib/errors.ts';

const json = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }));
const texts = fc.dictionary(fc.stringMatching(/^[a-z-]{1,8}$/), fc.string());

describe('metadata', () => {
  test.each([
    ['json of any kind', json],
    ['texts', texts],
  ])('is read as it was written: %s', (_kind, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (metadata) => {
        expect(JSON.stringify(metadataIn(metadataText(metadata)))).toBe(JSON.stringify(metadata));
      }),
    );
  });

  test('is lines where all of it is text', () => {
    expect(metadataText({ team: 'billing', url: 'https://x.example/?a=b' })).toBe(
      'team=billing\nurl=https://x.example/?a=b',
    );
    expect(metadataText({ level: 3 })).toBe('{\n  "level": 3\n}');
    expect(metadataText({})).toBe('');
  });

  test.each([
    ['', {}],
    ['  \n\r\n', {}],
    [' team = billing \r\ncost-center=4711', { team: 'billing', 'cost-center': '4711' }],
    ['empty=', { empty: '' }],
    [' {"a": {"b": [1]}}', { a: { b: [1] } }],
  ])('takes %j', (text, expected) => {
    expect(metadataIn(text)).toEqual(expected);
  });

  test.each([
    ['team', 'has no key=value in line 1'],
    ['a=1\n\n=2', 'has no key=value in line 3'],
    ['a=1\na=2', 'says twice what a is'],
    ['{"a":', 'starts like JSON, but is none; look for a missing quote, comma or bracket'],
  ])('does not take %j, and says why', (text, message) => {
    const refused = expect(() => metadataIn(text));
    refused.toThrow(ServiceError);
    refused.toThrow(expect.objectContaining({ details: [{ path: 'metadata', message }] }));
  });
});
