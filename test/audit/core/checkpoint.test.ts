import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toBase64 } from '../../../src/audit/core/base64.ts';
import { formatCheckpoint, openCheckpoint, parseCheckpoint } from '../../../src/audit/core/checkpoint.ts';
import { formatNote, parseNote } from '../../../src/audit/core/note.ts';
import { parseVerifierKey } from '../../../src/audit/core/verifier-key.ts';
import { sha256 } from '../../../src/audit/hashing.ts';
import vectors from '../../vectors/signed-notes.json' with { type: 'json' };
import { crypto, signedCheckpoint, testKey } from './keys.ts';
import { mutations } from './mutations.ts';
import { codeOf } from './note-codes.ts';

const root = sha256(Buffer.from('root'));
const log = testKey('tokens.example/logs/wsp_1', 1);

describe('the text of a checkpoint', () => {
  test('is that of the specification', () => {
    const { text } = parseNote(vectors.specCheckpoint.note);
    const checkpoint = parseCheckpoint(text);
    expect(checkpoint).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20_852_163 });
    expect(toBase64(checkpoint.root)).toBe('CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=');
    expect(formatCheckpoint(checkpoint)).toBe(text);
  });

  test('of logs run by others is read, and written again as it was', () => {
    const { witnessed, sigsum, goChecksumDatabase } = vectors;
    const sizes = [witnessed.note, sigsum.note, ...goChecksumDatabase.notes].map((note) => {
      const { text } = parseNote(note);
      expect(formatCheckpoint(parseCheckpoint(text))).toBe(text);
      return parseCheckpoint(text).size;
    });
    expect(sizes).toEqual([1_432_088_532, 1, 15_081_221, 63_096_908]);
  });

  test('comes back as it was, whatever it says', () => {
    const origin = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((one) => !/\p{Cc}/u.test(one));
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(origin, fc.maxSafeNat(), hash, (name, size, bytes) => {
        const checkpoint = { origin: name, size, root: bytes };
        expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual(checkpoint);
      }),
    );
  });

  test('read from any other text is written as that text', () => {
    for (const other of mutations(formatCheckpoint({ origin: 'a', size: 1_020, root }))) {
      if (codeOf(() => parseCheckpoint(other)) !== undefined) continue;
      expect(formatCheckpoint(parseCheckpoint(other))).toBe(other);
    }
  });

  const hash = toBase64(root);
  test.each([
    ['nothing', ''],
    ['two lines', 'a\n1\n'],
    ['a last line without its newline', `a\n1\n${hash}`],
    ['an empty line at its end', `a\n1\n${hash}\n\n`],
    ['a further line', `a\n1\n${hash}\nTimestamp: 1\n`],
    ['no origin', `\n1\n${hash}\n`],
    ['an origin with a control character', `a\u0007\n1\n${hash}\n`],
    ['an origin with half a character', `a\ud800\n1\n${hash}\n`],
    ['an empty size', `a\n\n${hash}\n`],
    ['a size with a leading zero', `a\n01\n${hash}\n`],
    ['a size of two zeros', `a\n00\n${hash}\n`],
    ['a size with a sign', `a\n+1\n${hash}\n`],
    ['a negative size', `a\n-1\n${hash}\n`],
    ['a size with a space', `a\n1 \n${hash}\n`],
    ['a size in hexadecimal', `a\n0x1\n${hash}\n`],
    ['a size with an exponent', `a\n1e3\n${hash}\n`],
    ['a size with a fraction', `a\n1.0\n${hash}\n`],
    ['a size in other digits', `a\n١\n${hash}\n`],
    ['a size of 2^53', `a\n9007199254740992\n${hash}\n`],
    ['a size of 17 digits', `a\n10000000000000000\n${hash}\n`],
    ['a root of 31 bytes', `a\n1\n${toBase64(root.subarray(1))}\n`],
    ['a root of 33 bytes', `a\n1\n${toBase64(Buffer.concat([root, Buffer.of(0)]))}\n`],
    ['a root without padding', `a\n1\n${hash.slice(0, -1)}\n`],
    ['a carriage return', `a\n1\r\n${hash}\n`],
  ])('is not %s', (_, body) => {
    expect(codeOf(() => parseCheckpoint(body))).toBe('malformed');
  });

  test('goes up to the last safe size', () => {
    const text = `a\n9007199254740991\n${hash}\n`;
    expect(formatCheckpoint(parseCheckpoint(text))).toBe(text);
  });

  test('is not made for what is no checkpoint', () => {
    const good = { origin: 'a', size: 1, root };
    for (const wrong of [{ origin: '' }, { origin: 'a\nb' }, { origin: '\0' }, { origin: '\ud800' }]) {
      expect(() => formatCheckpoint({ ...good, ...wrong })).toThrow(RangeError);
    }
    for (const size of [-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => formatCheckpoint({ ...good, size })).toThrow(RangeError);
    }
    for (const length of [0, 31, 33]) {
      expect(() => formatCheckpoint({ ...good, root: new Uint8Array(length) })).toThrow(RangeError);
    }
  });
});

describe('opening a checkpoint', () => {
  test('gives what the log signed, whoever cosigned it', () => {
    const key = parseVerifierKey(sha256, vectors.witnessed.verifierKey);
    const { checkpoint, note } = openCheckpoint(crypto, vectors.witnessed.note, key);
    expect(checkpoint).toMatchObject({ origin: key.name, size: 1_432_088_532 });
    expect(note.signatures).toHaveLength(6);
    const sigsum = parseVerifierKey(sha256, vectors.sigsum.verifierKey);
    expect(openCheckpoint(crypto, vectors.sigsum.note, sigsum).checkpoint.size).toBe(1);
  });

  test('with one byte changed anywhere fails', () => {
    const opened: string[] = [];
    const note = signedCheckpoint(log, 70_000, root);
    for (const other of mutations(note)) {
      if (codeOf(() => openCheckpoint(crypto, other, log.key)) === undefined) opened.push(other);
    }
    expect(opened).toEqual([]);
    expect(openCheckpoint(crypto, note, log.key).checkpoint).toEqual({
      origin: log.key.name,
      size: 70_000,
      root: new Uint8Array(root),
    });
  });

  test('says what is not so', () => {
    const note = signedCheckpoint(log, 5, root);
    const { text } = parseNote(note);
    const other = testKey('tokens.example/logs/wsp_2', 2);
    const replaced = testKey(log.key.name, 2);
    const witness = testKey(log.key.name, 1, 'cosignature');
    const codes = {
      garbage: codeOf(() => openCheckpoint(crypto, 'garbage', log.key)),
      noCheckpoint: codeOf(() => openCheckpoint(crypto, formatNote('text\n', [log.sign('text\n')]), log.key)),
      otherLog: codeOf(() => openCheckpoint(crypto, note, other.key)),
      replacedKey: codeOf(() => openCheckpoint(crypto, note, replaced.key)),
      keyOfWitness: codeOf(() => openCheckpoint(crypto, note, witness.key)),
      cosignedOnly: codeOf(() => openCheckpoint(crypto, formatNote(text, [witness.cosign(text, 1)]), log.key)),
      movedSignature: codeOf(() =>
        openCheckpoint(crypto, formatNote(text.replace('5', '6'), [log.sign(text)]), log.key),
      ),
      otherOrigin: codeOf(() => openCheckpoint(crypto, signedCheckpoint(log, 5, root, 'elsewhere'), log.key)),
      otherOriginElsewhere: codeOf(() =>
        openCheckpoint(
          crypto,
          vectors.goChecksumDatabase.notes[0] ?? '',
          parseVerifierKey(sha256, vectors.goChecksumDatabase.verifierKey),
        ),
      ),
    };
    expect(codes).toEqual({
      garbage: 'malformed',
      noCheckpoint: 'malformed',
      otherLog: 'wrong_name',
      replacedKey: 'unknown_key',
      keyOfWitness: 'unknown_key',
      cosignedOnly: 'unknown_key',
      movedSignature: 'bad_signature',
      otherOrigin: 'wrong_origin',
      otherOriginElsewhere: 'wrong_origin',
    });
  });
});
