import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generateCredential } from '../../src/credentials/format.ts';
import { readCredential } from '../../src/introspection/presented.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { newId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';

const read = (authorization?: string, apiKeyHeader?: string) =>
  readCredential({ authorization, apiKeyHeader, address: undefined, environment: undefined });
const basic = (pair: string | Uint8Array) => `Basic ${Buffer.from(pair).toString('base64')}`;

test.each([
  [undefined, undefined, { outcome: 'missing' }],
  ['Bearer x', 'y', { outcome: 'ambiguous' }],
  ['', 'y', { outcome: 'ambiguous' }],
  [undefined, '', { outcome: 'read', credential: { scheme: 'api_key', text: '' } }],
  [undefined, 'y', { outcome: 'read', credential: { scheme: 'api_key', text: 'y' } }],
  ['Bearer x', undefined, { outcome: 'read', credential: { scheme: 'bearer', text: 'x' } }],
  ['bEARER x', undefined, { outcome: 'read', credential: { scheme: 'bearer', text: 'x' } }],
  ['Bearer  x', undefined, { outcome: 'read', credential: { scheme: 'bearer', text: ' x' } }],
  ['Bearer', undefined, { outcome: 'malformed', scheme: 'bearer' }],
  ['Bearer ', undefined, { outcome: 'malformed', scheme: 'bearer' }],
  ['', undefined, { outcome: 'malformed', scheme: 'bearer' }],
  ['Token x', undefined, { outcome: 'malformed', scheme: 'bearer' }],
  ['Bearerx', undefined, { outcome: 'malformed', scheme: 'bearer' }],
  ['Basic', undefined, { outcome: 'malformed', scheme: 'basic' }],
  ['Basic !', undefined, { outcome: 'malformed', scheme: 'basic' }],
])('Authorization %j, X-API-Key %j', (authorization, apiKeyHeader, expected) => {
  expect(read(authorization, apiKeyHeader)).toEqual(expected);
});

describe('Basic', () => {
  test('takes every id and credential, raw and form-encoded alike', () => {
    const prefix = fc.stringMatching(/^[a-z][a-z0-9]{1,11}$/);
    const percentEncodeAll = (text: string) => text.replace(/./g, (char) => `%${char.charCodeAt(0).toString(16)}`);
    const encoders = [
      String,
      encodeURIComponent,
      percentEncodeAll,
      (text: string) => new URLSearchParams({ x: text }).toString().slice(2),
    ];
    fc.assert(
      fc.property(
        prefix,
        fc.constantFrom('live', 'test'),
        fc.constantFrom('key', 'tkn'),
        (start, environment, kind) => {
          const user = newId(kind, { clock: systemClock, random: systemRandom });
          const text = generateCredential(start, environment, systemRandom);
          for (const encode of encoders) {
            const credential = { scheme: 'basic', user, text };
            expect(read(basic(`${encode(user)}:${encode(text)}`))).toEqual({ outcome: 'read', credential });
          }
        },
      ),
    );
  });

  test('splits at the first colon', () => {
    const credential = { scheme: 'basic', user: 'a', text: 'b:c' };
    expect(read(basic('a:b:c'))).toEqual({ outcome: 'read', credential });
  });

  test.each([
    ['no colon', basic('abc')],
    ['a broken escape in the user', basic('a%:b')],
    ['a broken escape in the password', basic('a:%zz')],
    ['bytes that are not UTF-8', basic(Buffer.from('é:b', 'latin1'))],
    ['base64 of another alphabet', 'Basic Pz8_Oj8_'],
    ['base64 without its padding', 'Basic YTo'],
    ['base64 with stray bits', 'Basic YTp='],
    ['a space too many', `Basic  ${Buffer.from('a:b').toString('base64')}`],
  ])('refuses %s', (_, header) => {
    expect(read(header)).toEqual({ outcome: 'malformed', scheme: 'basic' });
  });

  test('never throws, and reads back only what was sent', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const result = read(basic(bytes));
        if (result.outcome === 'read') expect(Buffer.from(bytes).toString('utf8')).toContain(':');
        else expect(result).toEqual({ outcome: 'malformed', scheme: 'basic' });
      }),
    );
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void read(`Basic ${text}`)));
  });
});
