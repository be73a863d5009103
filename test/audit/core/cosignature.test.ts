import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCheckpoint } from '../../../src/audit/core/checkpoint.ts';
import { cosignedMessage, openCosignature } from '../../../src/audit/core/cosignature.ts';
import { formatNote, formatSignatureLine, parseNote } from '../../../src/audit/core/note.ts';
import { parseVerifierKey } from '../../../src/audit/core/verifier-key.ts';
import { sha256 } from '../../../src/audit/hashing.ts';
import vectors from '../../vectors/signed-notes.json' with { type: 'json' };
import { cosignatureLine, crypto, testKey } from './keys.ts';
import { mutations } from './mutations.ts';
import { codeOf } from './note-codes.ts';

const log = testKey('tokens.example/logs/wsp_1', 1);
const witness = testKey('witness.example.com/w1', 2, 'cosignature');
const body = formatCheckpoint({ origin: log.key.name, size: 5, root: sha256(Buffer.from('root')) });
const cosigned = formatNote(body, [log.sign(body), witness.cosign(body, 1_700_000_000)]);

const open = (note: string, key = witness.key) => openCosignature(crypto, parseNote(note), key);

describe('a cosignature', () => {
  test('of a public witness on the checkpoint of a public log opens', () => {
    const { note, witnessKey, cosignedAt } = vectors.witnessed;
    const key = parseVerifierKey(sha256, witnessKey);
    expect(open(note, key)).toEqual({ witness: 'remora.n621.de', timestamp: cosignedAt });
  });

  test('has the parts that the specification shows', () => {
    const { text, signatures } = parseNote(vectors.specCheckpoint.note);
    const [, line] = signatures;
    if (line === undefined) throw new Error('the example has two signatures');
    const timestamp = vectors.specCheckpoint.cosignedAt;
    expect(cosignatureLine(line, timestamp, line.signature.subarray(8))).toBe(line.line);
    expect(Buffer.from(cosignedMessage(timestamp, text)).toString('utf8')).toBe(
      'cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n',
    );
  });

  test('tells who cosigned and when, to the last safe second', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (timestamp) => {
        const note = formatNote(body, [witness.cosign(body, timestamp)]);
        expect(open(note)).toEqual({ witness: witness.key.name, timestamp });
      }),
      { numRuns: 30 },
    );
    expect(open(formatNote(body, [witness.cosign(body, Number.MAX_SAFE_INTEGER)])).timestamp).toBe(2 ** 53 - 1);
  });

  test('with one byte of it or of the checkpoint changed does not open', () => {
    const note = formatNote(body, [witness.cosign(body, 1_700_000_000)]);
    const opened: string[] = [];
    for (const other of mutations(note)) {
      if (codeOf(() => open(other)) === undefined) opened.push(other);
    }
    expect(opened).toEqual([]);
    expect(codeOf(() => open(note))).toBeUndefined();
  });

  test('is no signature of the log, and a signature of the log no cosignature', () => {
    const sameKeyForLog = testKey(witness.key.name, 2);
    expect(codeOf(() => open(formatNote(body, [sameKeyForLog.sign(body)])))).toBe('unknown_key');
    expect(codeOf(() => open(cosigned, sameKeyForLog.key))).toBe('unknown_key');
    const underItsId = formatNote(body, [witness.sign(body)]);
    expect(codeOf(() => open(underItsId))).toBe('bad_signature');
    const withKeyOfLog = formatNote(body, [sameKeyForLog.cosign(body, 1)]);
    expect(codeOf(() => open(withKeyOfLog, sameKeyForLog.key))).toBe('unknown_key');
  });

  test('says whose it is not', () => {
    expect(codeOf(() => open(cosigned, testKey('other.example', 2, 'cosignature').key))).toBe('wrong_name');
    expect(codeOf(() => open(cosigned, testKey(witness.key.name, 3, 'cosignature').key))).toBe('unknown_key');
  });

  test('of another time or length is bad', () => {
    const signature =
      parseNote(formatNote(body, [witness.cosign(body, 5)])).signatures[0]?.signature ?? Buffer.alloc(0);
    const { name, keyId } = witness.key;
    const line = (bytes: Uint8Array) => formatNote(body, [formatSignatureLine(name, keyId, bytes)]);
    expect(codeOf(() => open(line(signature)))).toBeUndefined();
    const later = Buffer.from(signature);
    later[7] = 6;
    const beyond = Buffer.from(signature);
    beyond[0] = 0x7f;
    for (const wrong of [
      later,
      beyond,
      signature.subarray(1),
      signature.subarray(8),
      Buffer.concat([signature, later]),
    ]) {
      expect(codeOf(() => open(line(wrong)))).toBe('bad_signature');
    }
  });

  test('counts as of its latest time, and only if every one of the witness is good', () => {
    const lines = [5, 9, 7].map((timestamp) => witness.cosign(body, timestamp));
    expect(open(formatNote(body, lines)).timestamp).toBe(9);
    const forged = cosignatureLine(witness.key, 99, Buffer.alloc(64));
    expect(codeOf(() => open(formatNote(body, [...lines, forged])))).toBe('bad_signature');
  });

  test('is not made at what is no time', () => {
    for (const timestamp of [-1, 0.5, 2 ** 53, Number.NaN]) {
      expect(() => cosignedMessage(timestamp, body)).toThrow(RangeError);
    }
  });
});
