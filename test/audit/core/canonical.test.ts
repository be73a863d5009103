import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalText, isCanonical } from '../../../src/audit/core/canonical.ts';
import { commitmentOf } from '../../../src/audit/core/commitment.ts';
import { sha256 } from '../../../src/audit/hashing.ts';
import vectors from '../../vectors/canonical-json.json' with { type: 'json' };
import { mutations } from './mutations.ts';

describe('canonical JSON', () => {
  test.each(vectors.texts)('of the published text "$name" is the published one', ({ input, output }) => {
    expect(canonicalText(JSON.parse(input) as object)).toBe(output);
    expect(isCanonical(output)).toBe(true);
    expect(isCanonical(input)).toBe(false);
  });

  test('of any value is canonical, and is that value', () => {
    const value = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()));
    fc.assert(
      fc.property(value, (one) => {
        const text = canonicalText(one);
        expect(isCanonical(text)).toBe(true);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(one)));
      }),
    );
  });

  test('is one text for a value, in whatever order it was put together', () => {
    expect(canonicalText({ b: [1, { d: 2, c: 3 }], a: null })).toBe(canonicalText({ a: null, b: [1, { c: 3, d: 2 }] }));
  });

  test('with one byte changed is another value or no canonical JSON, never another text of the same value', () => {
    const text = '{"a":[1,-2.5e-7,true,null,"é\\n\\\\"],"b":{"":"0"}}';
    const original = JSON.stringify(JSON.parse(text));
    expect(isCanonical(text)).toBe(true);
    for (const other of mutations(text)) {
      if (isCanonical(other)) expect(JSON.stringify(JSON.parse(other)), other).not.toBe(original);
    }
  });

  test.each([
    [''],
    [' {}'],
    ['{} '],
    ['{}\n'],
    ['\ufeff{}'],
    ['{"b":1,"a":2}'],
    ['{"a":1,"a":1}'],
    ['{"a": 1}'],
    ['{"a":1.0}'],
    ['{"a":-0}'],
    ['{"a":1E3}'],
    ['{"a":1e400}'],
    ['{"a":"\\u0041"}'],
    ['{"a":"\\u000A"}'],
    ['{"a":"\\/"}'],
    ['{"a":"\\ud800"}'],
    ['{"a":"\\\\\\udfff"}'],
    ['{"a":"\ud800"}'],
    ['1'],
    ['null'],
    ['"a"'],
    ['{'],
    ['undefined'],
    ['['.repeat(200_000) + ']'.repeat(200_000)],
  ])('is not %.20s', (text) => {
    expect(isCanonical(text)).toBe(false);
  });

  test('may hold a backslash before letters that look like an escape', () => {
    expect(isCanonical(canonicalText({ a: '\\ud800' }))).toBe(true);
    expect(isCanonical('{"__proto__":1,"toJSON":2}')).toBe(true);
  });
});

describe('a commitment', () => {
  test('is SHA-256 of salt and payload, in hexadecimal', () => {
    // printf 'saltpayload' | openssl dgst -sha256
    const expected = 'b25afe29043ff2d979035661619d2dbff5f9d22aee46755277d7731e44a0026b';
    expect(commitmentOf(sha256, Buffer.from('salt'), Buffer.from('payload'))).toBe(expected);
  });

  test('is another one for another salt or payload', () => {
    const [salt, payload] = [Buffer.alloc(32, 1), Buffer.from('{"name":"Ada"}')];
    const commitments = [
      commitmentOf(sha256, salt, payload),
      commitmentOf(sha256, Buffer.alloc(32, 2), payload),
      commitmentOf(sha256, salt, Buffer.from('{"name":"Bob"}')),
    ];
    expect(new Set(commitments).size).toBe(3);
  });
});
