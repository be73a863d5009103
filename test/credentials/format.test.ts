import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ENVIRONMENTS,
  generateCredential,
  hintOf,
  PREFIX_PATTERN,
  parseCredential,
  scannerPattern,
} from '../../src/credentials/format.ts';
import { systemRandom } from '../../src/lib/random.ts';
import vectors from '../vectors/credential-format.json' with { type: 'json' };

const prefixes = fc.stringMatching(/^[a-z][a-z0-9]{1,11}$/);
const environments = fc.constantFrom(...ENVIRONMENTS);
const randoms = fc.uint8Array({ minLength: 128, maxLength: 128 }).map((seed) => seededRandom(seed));

/** Hands out `seed` over and over; the last resort of small numbers keeps rejection sampling from looping for ever. */
function seededRandom(seed: Uint8Array) {
  let at = 0;
  return { bytes: (size: number) => Buffer.from(Array.from({ length: size }, () => next())) };
  function next(): number {
    at += 1;
    const byte = seed[at % seed.length] ?? 0;
    return byte >= 248 ? at % 62 : byte;
  }
}

describe('the credential format', () => {
  it('parses whatever it generates, with the prefix and environment it was made for', () => {
    fc.assert(
      fc.property(prefixes, environments, randoms, (prefix, environment, random) => {
        const credential = generateCredential(prefix, environment, random);
        expect(parseCredential(credential)).toBe(credential);
        expect(credential.startsWith(`${prefix}_${environment}_`)).toBe(true);
      }),
    );
  });

  it('refuses a credential in which any one byte is another', () => {
    const credential = generateCredential('tkn', 'live', systemRandom);
    for (let position = 0; position < credential.length; position += 1) {
      for (let code = 0; code < 256; code += 1) {
        const mutated = credential.slice(0, position) + String.fromCharCode(code) + credential.slice(position + 1);
        if (mutated !== credential) expect(parseCredential(mutated), JSON.stringify(mutated)).toBeUndefined();
      }
    }
  });

  it('refuses a credential with a character too many, too few, or two swapped', () => {
    const credential = generateCredential('tkn', 'test', systemRandom);
    for (let position = 0; position < credential.length; position += 1) {
      const [head, tail] = [credential.slice(0, position), credential.slice(position)];
      expect(parseCredential(head + tail.slice(1))).toBeUndefined();
      expect(parseCredential(`${head}0${tail}`)).toBeUndefined();
      const swapped = head + tail.slice(1, 2) + tail.slice(0, 1) + tail.slice(2);
      if (swapped !== credential) expect(parseCredential(swapped)).toBeUndefined();
    }
  });

  it('refuses any text that it did not generate', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => parseCredential(text) === undefined));
  });

  it('draws every character of the alphabet about equally often', () => {
    const counts = new Map<string, number>();
    for (let round = 0; round < 1_000; round += 1) {
      for (const character of generateCredential('tkn', 'live', systemRandom).slice(9, 52)) {
        counts.set(character, (counts.get(character) ?? 0) + 1);
      }
    }
    const expected = (1_000 * 43) / 62;
    expect(counts.size).toBe(62);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 61 degrees of freedom: chance exceeds 150 about once in 10^9 runs; taking bytes modulo 62 gives far more.
    expect(chiSquare).toBeLessThan(150);
  });

  it('keeps to the published vectors', () => {
    for (const { credential, prefix, environment } of vectors.valid) {
      expect(parseCredential(credential)).toBe(credential);
      expect(credential.startsWith(`${prefix}_${environment}_`)).toBe(true);
    }
    for (const { text, why } of vectors.invalid) expect(parseCredential(text), why).toBeUndefined();
  });

  it('shows of a credential its prefix, environment, first four and last four characters', () => {
    const credential = generateCredential('acme', 'live', systemRandom);
    expect(hintOf(credential)).toBe(`acme_live_${credential.slice(10, 14)}…${credential.slice(-4)}`);
  });

  it('gives scanners a pattern that finds every credential of the prefix in running text', () => {
    fc.assert(
      fc.property(prefixes, environments, randoms, (prefix, environment, random) => {
        const credential = generateCredential(prefix, environment, random);
        const found = `key="${credential}",`.match(new RegExp(scannerPattern(prefix), 'g'));
        expect(found).toEqual([credential]);
      }),
    );
  });

  it('allows prefixes of 2 to 12 lower-case letters and digits that start with a letter', () => {
    for (const prefix of ['tk', 'a1', 'abcdefghijkl']) expect(PREFIX_PATTERN.test(prefix)).toBe(true);
    for (const prefix of ['', 'a', '1a', 'A1', 'a_b', 'abcdefghijklm', 'ab\n']) {
      expect(PREFIX_PATTERN.test(prefix), JSON.stringify(prefix)).toBe(false);
    }
  });
});
