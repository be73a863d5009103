import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NoteError } from '../../../src/audit/core/note.ts';
import { formatVerifierKey, makeVerifierKey, parseVerifierKey } from '../../../src/audit/core/verifier-key.ts';
import { sha256 } from '../../../src/audit/hashing.ts';
import vectors from '../../vectors/signed-notes.json' with { type: 'json' };
import { mutations } from './mutations.ts';

const [peter = '', enoch = ''] = vectors.goDocumentation.verifierKeys;
const published = [
  [peter, 'PeterNeumann', 'ed25519'],
  [enoch, 'EnochRoot', 'ed25519'],
  [vectors.goChecksumDatabase.verifierKey, 'sum.golang.org', 'ed25519'],
  [vectors.witnessed.verifierKey, 'arche2025h1.staging.ct.transparency.dev', 'ed25519'],
  [vectors.witnessed.witnessKey, 'remora.n621.de', 'cosignature'],
] as const;

describe('a verifier key', () => {
  test.each(published)('%s is the key of %s, for %s', (text, name, algorithm) => {
    const key = parseVerifierKey(sha256, text);
    expect(key).toMatchObject({ name, algorithm });
    expect(formatVerifierKey(key)).toBe(text);
    expect(makeVerifierKey(sha256, { name, algorithm, publicKey: key.publicKey })).toEqual(key);
  });

  test('with one byte changed, or cut anywhere, is none', () => {
    for (const [text] of published) {
      for (const other of mutations(text)) expect(() => parseVerifierKey(sha256, other), other).toThrow(NoteError);
      for (let end = 0; end < text.length; end += 1) {
        expect(() => parseVerifierKey(sha256, text.slice(0, end))).toThrow(NoteError);
        expect(() => parseVerifierKey(sha256, text.slice(end + 1))).toThrow(NoteError);
      }
    }
  });

  test('has another id for each use and each name', () => {
    const publicKey = parseVerifierKey(sha256, peter).publicKey;
    const ids = (['ed25519', 'cosignature'] as const).flatMap((algorithm) =>
      ['a', 'b'].map((name) =>
        Buffer.from(makeVerifierKey(sha256, { name, algorithm, publicKey }).keyId).toString('hex'),
      ),
    );
    expect(new Set(ids).size).toBe(4);
  });

  test('comes back as it was, whatever its name', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((one) => !/[\p{White_Space}\p{Cc}+]/u.test(one));
    const publicKey = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(
        name,
        fc.constantFrom('ed25519' as const, 'cosignature' as const),
        publicKey,
        (one, algorithm, bytes) => {
          const key = makeVerifierKey(sha256, { name: one, algorithm, publicKey: bytes });
          expect(parseVerifierKey(sha256, formatVerifierKey(key))).toEqual(key);
        },
      ),
    );
  });

  test('of another type, or of another length, is none, even with the id it should have', () => {
    // Of the tests of golang.org/x/mod/sumdb/note.
    const wrongLength = 'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==';
    const wrongType = 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
    for (const text of [wrongLength, wrongType]) expect(() => parseVerifierKey(sha256, text)).toThrow(NoteError);
    expect(() => parseVerifierKey(sha256, peter.replace('c74f20a3', 'C74F20A3'))).toThrow(NoteError);
  });

  test('says what is wrong with it', () => {
    const failure = (text: string) => expect(() => parseVerifierKey(sha256, text));
    failure('nonsense').toThrow('expected <name>+<8 hexadecimal digits>+<44 characters of base64>');
    failure(peter.replace('PeterNeumann', 'PaulNeumann')).toThrow('its id does not fit its name and key');
    failure('PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW').toThrow('its type is neither');
  });

  test('is not made for a name that no key may have, or of another length', () => {
    const publicKey = Buffer.alloc(32);
    for (const name of ['', 'a b', 'a+b', 'a\n', '\u2028', '\ud800']) {
      expect(() => makeVerifierKey(sha256, { name, algorithm: 'ed25519', publicKey })).toThrow(NoteError);
    }
    for (const length of [0, 31, 33]) {
      const wrong = { name: 'a', algorithm: 'ed25519', publicKey: Buffer.alloc(length) } as const;
      expect(() => makeVerifierKey(sha256, wrong)).toThrow(NoteError);
    }
  });
});
