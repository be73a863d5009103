import { crc32 as nativeCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32, fromBase62, toBase62 } from '../../src/lib/encoding.ts';

test('base 62 gives a number back, wherever it stands in a text', () => {
  fc.assert(
    fc.property(fc.nat({ max: 0xffffffff }), fc.string(), (number, before) => {
      expect(fromBase62(toBase62(number, 6))).toBe(number);
      expect(fromBase62(before + toBase62(number, 6), before.length)).toBe(number);
    }),
  );
});

test('the CRC-32 of a text is the one that everybody computes', () => {
  expect(crc32('123456789')).toBe(0xcbf43926);
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii' }), fc.string({ unit: 'binary-ascii' }), (text, rest) => {
      expect(crc32(text)).toBe(nativeCrc32(text));
      expect(crc32(text + rest, text.length)).toBe(nativeCrc32(text));
    }),
  );
});
