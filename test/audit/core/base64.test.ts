import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesEqual, concatBytes, fromBase64, toBase64, toHex, utf8 } from '../../../src/audit/core/base64.ts';
import { mutations } from './mutations.ts';

const someBytes = fc.uint8Array({ maxLength: 200 });

describe('base64', () => {
  test('is that of RFC 4648, section 10', () => {
    const vectors = {
      '': '',
      f: 'Zg==',
      fo: 'Zm8=',
      foo: 'Zm9v',
      foob: 'Zm9vYg==',
      fooba: 'Zm9vYmE=',
      foobar: 'Zm9vYmFy',
    };
    for (const [text, encoded] of Object.entries(vectors)) {
      expect(toBase64(utf8(text))).toBe(encoded);
      expect(fromBase64(encoded)).toEqual(utf8(text));
    }
  });

  test('is what others make of any bytes, and comes back as the bytes', () => {
    fc.assert(
      fc.property(someBytes, (bytes) => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(fromBase64(toBase64(bytes))).toEqual(bytes);
      }),
    );
  });

  test('is read from no other text than the one that is made of the bytes', () => {
    const letters = [...'AZaz09+/=-_ \n.,g'];
    const text = fc.array(fc.constantFrom(...letters), { maxLength: 9 }).map((parts) => parts.join(''));
    const isStrict = (candidate: string) => {
      const bytes = fromBase64(candidate);
      expect(bytes === undefined || toBase64(bytes) === candidate, JSON.stringify(candidate)).toBe(true);
      expect(bytes === undefined).toBe(Buffer.from(candidate, 'base64').toString('base64') !== candidate);
    };
    fc.assert(fc.property(text, isStrict), { numRuns: 2_000 });
    for (const whole of ['AAAA', 'Zg==', 'Zm8=', 'Zm9vYg==', 'Zm9vYmE=']) {
      for (const candidate of mutations(whole)) isStrict(candidate);
    }
  });

  test('is not read from padding that hides bits', () => {
    for (const text of ['Zh==', 'Zm9=', '====', '=', 'A===', 'AA=A', 'AAA', 'AA', 'A', 'é===', 'AAA\u0141']) {
      expect(fromBase64(text), text).toBeUndefined();
    }
  });
});

describe('bytes', () => {
  test('are in hexadecimal what others make of them', () => {
    fc.assert(
      fc.property(someBytes, (bytes) => {
        expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
      }),
    );
  });

  test('are equal only if all are', () => {
    fc.assert(
      fc.property(someBytes, someBytes, (a, b) => {
        expect(bytesEqual(a, b)).toBe(Buffer.compare(a, b) === 0);
        expect(bytesEqual(a, Uint8Array.from(a))).toBe(true);
      }),
    );
    expect(bytesEqual(Uint8Array.of(1), Uint8Array.of(1, 2))).toBe(false);
    expect(bytesEqual(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false);
  });

  test('are put together in order', () => {
    fc.assert(
      fc.property(fc.array(someBytes), (parts) => {
        expect(Buffer.from(concatBytes(...parts))).toEqual(Buffer.concat(parts));
      }),
    );
  });
});
