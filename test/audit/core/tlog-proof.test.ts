import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toBase64 } from '../../../src/audit/core/base64.ts';
import { parseCheckpoint } from '../../../src/audit/core/checkpoint.ts';
import { hashLeaf } from '../../../src/audit/core/hash.ts';
import { NoteError, parseNote } from '../../../src/audit/core/note.ts';
import { openNote } from '../../../src/audit/core/open-note.ts';
import { proveInclusion, verifyInclusion } from '../../../src/audit/core/proof.ts';
import { formatTlogProof, parseTlogProof, verifyTlogProof } from '../../../src/audit/core/tlog-proof.ts';
import { parseVerifierKey } from '../../../src/audit/core/verifier-key.ts';
import { sha256 } from '../../../src/audit/hashing.ts';
import vector from '../../vectors/tlog-proof.json' with { type: 'json' };
import { crypto, signedCheckpoint, testKey } from './keys.ts';
import { mutations } from './mutations.ts';
import { codeOf } from './note-codes.ts';
import { treeHash } from './reference.ts';
import { decimalLeaves, readerOf } from './trees.ts';

const log = testKey('tokens.example/logs/wsp_1', 1);
const leaves = decimalLeaves(21);
const leafOf = (index: number) => leaves[index] ?? Buffer.alloc(0);

async function proofOf(index: number, size: number, extra?: Uint8Array): Promise<string> {
  const path = await proveInclusion(sha256, readerOf(leaves), index, size);
  const checkpoint = signedCheckpoint(log, size, treeHash(leaves.slice(0, size)));
  return formatTlogProof({ ...(extra && { extra }), index, path, checkpoint });
}

describe('a proof', () => {
  test('shows each entry of a tree to be in it, and no other', async () => {
    for (const size of [1, 2, 3, 8, 21]) {
      for (let index = 0; index < size; index += 1) {
        const proof = await proofOf(index, size);
        const verified = verifyTlogProof(crypto, proof, leafOf(index), log.key);
        expect(verified).toMatchObject({ index, checkpoint: { origin: log.key.name, size } });
        expect(codeOf(() => verifyTlogProof(crypto, proof, hashLeaf(sha256, Buffer.from('x')), log.key))).toBe(
          'not_included',
        );
      }
    }
  });

  test('of an entry of the Go checksum database, made by others, is read, verifies and is written as it was', () => {
    const { proof: text, entry, verifierKey } = vector;
    const proof = parseTlogProof(text);
    expect(formatTlogProof(proof)).toBe(text);
    const key = parseVerifierKey(sha256, verifierKey);
    const { size, root } = parseCheckpoint(openNote(crypto, proof.checkpoint, key).text);
    const leafHash = hashLeaf(sha256, Buffer.from(entry, 'utf8'));
    expect(verifyInclusion(sha256, { index: 43_930_254, size, leafHash, root, proof: proof.path })).toBe(true);
    expect(proof.path).toHaveLength(26);
    // Its origin is not the name of its key, which a log of ours never does.
    expect(codeOf(() => verifyTlogProof(crypto, text, leafHash, key))).toBe('wrong_origin');
  });

  test('with one byte changed anywhere shows nothing', async () => {
    const text = await proofOf(12, 21);
    const shown: string[] = [];
    for (const other of mutations(text)) {
      if (codeOf(() => verifyTlogProof(crypto, other, leafOf(12), log.key)) === undefined) shown.push(other);
    }
    expect(shown).toEqual([]);
    expect(codeOf(() => verifyTlogProof(crypto, text, leafOf(12), log.key))).toBeUndefined();
  });

  test('read from any other text is written as that text', async () => {
    for (const other of mutations(await proofOf(2, 3, Buffer.from('extra')), 0, 120)) {
      if (codeOf(() => parseTlogProof(other)) !== undefined) continue;
      expect(formatTlogProof(parseTlogProof(other))).toBe(other);
    }
  });

  test('comes back as it was, with whatever stands in it', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const extra = fc.option(fc.uint8Array({ minLength: 1, maxLength: 200 }));
    const checkpoint = signedCheckpoint(log, 5, Buffer.alloc(32));
    fc.assert(
      fc.property(extra, fc.maxSafeNat(), fc.array(hash, { maxLength: 53 }), (bytes, index, path) => {
        const proof = { ...(bytes && { extra: bytes }), index, path, checkpoint };
        expect(parseTlogProof(formatTlogProof(proof))).toEqual(proof);
      }),
    );
  });

  test('carries extra bytes, which prove nothing', async () => {
    const text = await proofOf(2, 3, Buffer.from('extra'));
    expect(text.split('\n')[1]).toBe(`extra ${toBase64(Buffer.from('extra'))}`);
    expect(Buffer.from(parseTlogProof(text).extra ?? []).toString()).toBe('extra');
    expect(codeOf(() => verifyTlogProof(crypto, text, leafOf(2), log.key))).toBeUndefined();
    expect(await proofOf(2, 3, new Uint8Array())).toBe(await proofOf(2, 3));
  });

  test('says what is not so', async () => {
    const text = await proofOf(2, 3);
    const { checkpoint } = parseTlogProof(text);
    const smaller = text.replace(checkpoint, signedCheckpoint(log, 2, treeHash(leaves.slice(0, 2))));
    const forged = text.replace(checkpoint, checkpoint.replace('\n3\n', '\n4\n'));
    expect(codeOf(() => verifyTlogProof(crypto, smaller, leafOf(2), log.key))).toBe('not_included');
    expect(codeOf(() => verifyTlogProof(crypto, forged, leafOf(2), log.key))).toBe('bad_signature');
    expect(codeOf(() => verifyTlogProof(crypto, text, leafOf(2), testKey('other', 1).key))).toBe('wrong_name');
    expect(codeOf(() => verifyTlogProof(crypto, text, leafOf(1), log.key))).toBe('not_included');
  });

  const checkpoint = signedCheckpoint(log, 5, Buffer.alloc(32));
  const hash = toBase64(Buffer.alloc(32));
  test.each([
    ['', 'nothing'],
    [`c2sp.org/tlog-proof@v2\nindex 0\n\n${checkpoint}`, 'of another version'],
    [`\nc2sp.org/tlog-proof@v1\nindex 0\n\n${checkpoint}`, 'after an empty line'],
    [`c2sp.org/tlog-proof@v1\n\n${checkpoint}`, 'without an index'],
    [`c2sp.org/tlog-proof@v1\nindex\n\n${checkpoint}`, 'with an empty index'],
    [`c2sp.org/tlog-proof@v1\nindex 01\n\n${checkpoint}`, 'with a leading zero'],
    [`c2sp.org/tlog-proof@v1\nindex -1\n\n${checkpoint}`, 'with a negative index'],
    [`c2sp.org/tlog-proof@v1\nindex  1\n\n${checkpoint}`, 'with two spaces'],
    [`c2sp.org/tlog-proof@v1\nindex 9007199254740992\n\n${checkpoint}`, 'with an index of 2^53'],
    [`c2sp.org/tlog-proof@v1\nINDEX 0\n\n${checkpoint}`, 'in capitals'],
    [`c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n${checkpoint}`, 'with empty extra data'],
    [`c2sp.org/tlog-proof@v1\nextra Zh==\nindex 0\n\n${checkpoint}`, 'with extra data that hide bits'],
    [`c2sp.org/tlog-proof@v1\nextra Zg==\nextra Zg==\nindex 0\n\n${checkpoint}`, 'with two lines of extra data'],
    [`c2sp.org/tlog-proof@v1\nindex 0\nextra Zg==\n\n${checkpoint}`, 'with extra data after the index'],
    [`c2sp.org/tlog-proof@v1\nindex 0\nZg==\n\n${checkpoint}`, 'with a short hash'],
    [`c2sp.org/tlog-proof@v1\nindex 0\n${hash} \n\n${checkpoint}`, 'with a space after a hash'],
    [`c2sp.org/tlog-proof@v1\r\nindex 0\n\n${checkpoint}`, 'with a carriage return'],
    [
      `c2sp.org/tlog-proof@v1\nindex 0\n${`${hash}\n`.repeat(54)}\n${checkpoint}`,
      'with more hashes than any tree is high',
    ],
    ['c2sp.org/tlog-proof@v1\nindex 0\n\n', 'without a checkpoint'],
    [`c2sp.org/tlog-proof@v1\nindex 0\n${checkpoint}`, 'without an empty line before the checkpoint'],
    [`c2sp.org/tlog-proof@v1\nindex 0\n\n${checkpoint}\n`, 'with an empty line at its end'],
    [`c2sp.org/tlog-proof@v1\nindex 0\n\n${parseNote(checkpoint).text}`, 'with an unsigned checkpoint'],
  ])('is not %j, %s', (text) => {
    expect(codeOf(() => parseTlogProof(text))).toBe('malformed');
  });

  test('is not made of what would not be read', () => {
    const good = { index: 0, path: [], checkpoint };
    expect(() => formatTlogProof({ ...good, index: -1 })).toThrow(RangeError);
    expect(() => formatTlogProof({ ...good, path: [Buffer.alloc(31)] })).toThrow(RangeError);
    expect(() => formatTlogProof({ ...good, path: Array.from({ length: 54 }, () => Buffer.alloc(32)) })).toThrow(
      RangeError,
    );
    expect(() => formatTlogProof({ ...good, extra: Buffer.alloc(65_536) })).toThrow(RangeError);
    expect(() => formatTlogProof({ ...good, checkpoint: 'unsigned\n' })).toThrow(NoteError);
  });
});
