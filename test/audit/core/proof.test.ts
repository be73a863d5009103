import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBase64 } from '../../../src/audit/core/base64.ts';
import { hashEmpty } from '../../../src/audit/core/hash.ts';
import {
  type ConsistencyClaim,
  hashesOfRange,
  type InclusionClaim,
  proveConsistency,
  proveInclusion,
  rootAt,
  verifyConsistency,
  verifyInclusion,
} from '../../../src/audit/core/proof.ts';
import { compactNodes, createCompactRange } from '../../../src/audit/core/tree.ts';
import { sha256 } from '../../../src/audit/hashing.ts';
import vectors from '../../vectors/merkle-tree.json' with { type: 'json' };
import { leafHash, path, rootOfInclusion, rootsOfConsistency, subproof, treeHash } from './reference.ts';
import { decimalLeaves, flipped, isSame, readerOf } from './trees.ts';

const MAX_SIZE = 70;
const leaves = decimalLeaves(MAX_SIZE);
const read = readerOf(leaves);
const roots = Array.from({ length: MAX_SIZE + 1 }, (_, size) => treeHash(leaves.slice(0, size)));
const rootOf = (size: number) => roots[size] ?? Buffer.alloc(0);
const leafOf = (index: number) => leaves[index] ?? Buffer.alloc(0);
const bytes = (text: string) => fromBase64(text) ?? Buffer.alloc(0);
const hex = (text: string) => Buffer.from(text, 'hex');

async function inclusionOf(index: number, size: number): Promise<InclusionClaim> {
  const proof = await proveInclusion(sha256, read, index, size);
  return { index, size, leafHash: leafOf(index), root: rootOf(size), proof };
}

async function consistencyOf(oldSize: number, newSize: number): Promise<ConsistencyClaim> {
  const proof = await proveConsistency(sha256, read, oldSize, newSize);
  return { oldSize, oldRoot: rootOf(oldSize), newSize, newRoot: rootOf(newSize), proof };
}

describe('an inclusion proof', () => {
  test('is the path of RFC 6962, and verifies, for every leaf of every size', async () => {
    for (let size = 1; size <= MAX_SIZE; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const claim = await inclusionOf(index, size);
        expect(isSame(claim.proof, path(index, leaves.slice(0, size))), `${index} of ${size}`).toBe(true);
        expect(verifyInclusion(sha256, claim)).toBe(true);
      }
    }
  });

  test('verifies at no other index and in no other size of the same tree', async () => {
    for (let size = 1; size <= 20; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const claim = await inclusionOf(index, size);
        for (let other = 0; other < 24; other += 1) {
          if (other !== index) expect(verifyInclusion(sha256, { ...claim, index: other })).toBe(false);
          if (other !== size) {
            expect(verifyInclusion(sha256, { ...claim, size: other })).toBe(isSamePath(index, size, other));
            expect(verifyInclusion(sha256, { ...claim, size: other, root: rootOf(other) })).toBe(false);
          }
        }
      }
    }
  });

  test('with any hash changed, left out, added or moved does not verify', async () => {
    for (let size = 1; size <= 33; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const claim = await inclusionOf(index, size);
        for (const proof of damaged(claim.proof)) expect(verifyInclusion(sha256, { ...claim, proof })).toBe(false);
        for (const [leaf, root] of flipped([claim.leafHash, claim.root])) {
          expect(
            verifyInclusion(sha256, { ...claim, leafHash: leaf ?? claim.leafHash, root: root ?? claim.root }),
          ).toBe(false);
        }
      }
    }
  });

  test('leads to the root that RFC 9162 computes, whatever the hashes are', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const size = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.maxSafeNat());
    fc.assert(
      fc.property(size, fc.maxSafeNat(), hash, fc.array(hash, { maxLength: 60 }), (n, position, leaf, hashes) => {
        if (n === 0) return;
        const index = position % n;
        for (const proof of [hashes, hashes.slice(0, Math.ceil(Math.log2(n)))]) {
          const root = rootOfInclusion(index, n, leaf, proof) ?? hash0;
          const isThere = rootOfInclusion(index, n, leaf, proof) !== undefined;
          expect(verifyInclusion(sha256, { index, size: n, leafHash: leaf, root, proof })).toBe(isThere);
        }
      }),
    );
  });

  test('of the reference tree of Certificate Transparency is the published one', async () => {
    const { leaves: entries, roots: expected, inclusion } = vectors.certificateTransparency;
    const hashes = entries.map((entry) => leafHash(hex(entry)));
    for (const { index, size, proof } of inclusion) {
      const proven = await proveInclusion(sha256, readerOf(hashes), index, size);
      expect(proven).toEqual(proof.map(hex));
      const claim = { index, size, leafHash: hashes[index] ?? hash0, root: hex(expected[size] ?? ''), proof: proven };
      expect(verifyInclusion(sha256, claim)).toBe(true);
    }
  });

  test('of a log of 961,984,013 entries, run by others, verifies', () => {
    const { size, root, inclusion } = vectors.argon2020;
    const proof = inclusion.proof.map(bytes);
    const claim = { index: inclusion.index, size, leafHash: bytes(inclusion.leafHash), root: bytes(root), proof };
    expect(verifyInclusion(sha256, claim)).toBe(true);
    for (const other of damaged(proof)) expect(verifyInclusion(sha256, { ...claim, proof: other })).toBe(false);
  });

  test('is refused for a leaf that is not there, by prover and verifier', async () => {
    for (const [index, size] of [
      [0, 0],
      [5, 5],
      [-1, 5],
      [0.5, 5],
      [Number.NaN, 5],
      [0, 2 ** 53],
      [2 ** 53, 2 ** 54],
    ]) {
      await expect(proveInclusion(sha256, read, index ?? 0, size ?? 0)).rejects.toThrow(RangeError);
      const claim = { index: index ?? 0, size: size ?? 0, leafHash: hash0, root: hash0, proof: [] };
      expect(verifyInclusion(sha256, claim)).toBe(false);
    }
  });

  test('with hashes of another length does not verify, and does not throw', async () => {
    const claim = await inclusionOf(3, 7);
    const short = Buffer.alloc(31);
    const proof = [Buffer.concat([...claim.proof]), ...claim.proof.slice(1)];
    expect(verifyInclusion(sha256, { ...claim, proof })).toBe(false);
    expect(verifyInclusion(sha256, { ...claim, leafHash: short })).toBe(false);
    expect(verifyInclusion(sha256, { ...claim, root: new Uint8Array() })).toBe(false);
  });
});

describe('a consistency proof', () => {
  test('is the proof of RFC 6962, and verifies, for every two sizes', async () => {
    for (let newSize = 0; newSize <= MAX_SIZE; newSize += 1) {
      for (let oldSize = 0; oldSize <= newSize; oldSize += 1) {
        const claim = await consistencyOf(oldSize, newSize);
        const expected = oldSize === 0 ? [] : subproof(oldSize, leaves.slice(0, newSize));
        expect(isSame(claim.proof, expected), `${oldSize} to ${newSize}`).toBe(true);
        expect(verifyConsistency(sha256, claim)).toBe(true);
      }
    }
  });

  test('with any hash changed, left out, added or moved does not verify', async () => {
    for (let newSize = 1; newSize <= 33; newSize += 1) {
      for (let oldSize = 0; oldSize <= newSize; oldSize += 1) {
        const claim = await consistencyOf(oldSize, newSize);
        for (const proof of damaged(claim.proof)) expect(verifyConsistency(sha256, { ...claim, proof })).toBe(false);
      }
    }
  });

  test('does not verify with another root, or with the roots exchanged', async () => {
    for (let newSize = 1; newSize <= 33; newSize += 1) {
      for (let oldSize = 1; oldSize <= newSize; oldSize += 1) {
        const claim = await consistencyOf(oldSize, newSize);
        for (const [oldRoot, newRoot] of flipped([claim.oldRoot, claim.newRoot])) {
          if (oldRoot === undefined || newRoot === undefined) throw new Error('two hashes');
          expect(verifyConsistency(sha256, { ...claim, oldRoot, newRoot })).toBe(false);
        }
        const exchanged = { ...claim, oldRoot: claim.newRoot, newRoot: claim.oldRoot };
        expect(verifyConsistency(sha256, exchanged)).toBe(oldSize === newSize);
      }
    }
  });

  test('does not verify from another history of the same size', async () => {
    const forked = leaves.with(4, leafOf(5)).with(5, leafOf(4));
    for (let newSize = 6; newSize <= 40; newSize += 1) {
      for (let oldSize = 6; oldSize <= newSize; oldSize += 1) {
        const claim = await consistencyOf(oldSize, newSize);
        const fork = { ...claim, oldRoot: treeHash(forked.slice(0, oldSize)) };
        expect(verifyConsistency(sha256, fork)).toBe(false);
        const proof = await proveConsistency(sha256, readerOf(forked), oldSize, newSize);
        expect(verifyConsistency(sha256, { ...claim, proof })).toBe(isSame(proof, claim.proof));
      }
    }
  });

  test('leads to the roots that RFC 9162 computes, whatever the hashes are', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const size = fc.oneof(fc.integer({ min: 2, max: 300 }), fc.integer({ min: 2, max: Number.MAX_SAFE_INTEGER }));
    fc.assert(
      fc.property(size, fc.maxSafeNat(), hash, fc.array(hash, { maxLength: 60 }), (newSize, position, root, hashes) => {
        const oldSize = 1 + (position % (newSize - 1));
        for (let length = 0; length <= hashes.length; length += 1) {
          const proof = hashes.slice(0, length);
          const found = rootsOfConsistency(oldSize, newSize, root, proof);
          const [oldRoot, newRoot] = found ?? [root, root];
          const isThere = found !== undefined;
          expect(verifyConsistency(sha256, { oldSize, oldRoot, newSize, newRoot, proof })).toBe(isThere);
        }
      }),
    );
  });

  test('of the reference tree of Certificate Transparency is the published one', async () => {
    const { leaves: entries, roots: expected, consistency } = vectors.certificateTransparency;
    const hashes = entries.map((entry) => leafHash(hex(entry)));
    for (const { oldSize, newSize, proof } of consistency) {
      const proven = await proveConsistency(sha256, readerOf(hashes), oldSize, newSize);
      expect(proven).toEqual(proof.map(hex));
      const [oldRoot, newRoot] = [hex(expected[oldSize] ?? ''), hex(expected[newSize] ?? '')];
      expect(verifyConsistency(sha256, { oldSize, oldRoot, newSize, newRoot, proof: proven })).toBe(true);
    }
  });

  test('of a log of 961,984,013 entries, run by others, verifies', () => {
    const { size, root, consistency } = vectors.argon2020;
    const { oldSize, oldRoot } = consistency;
    const proof = consistency.proof.map(bytes);
    const claim = { oldSize, oldRoot: bytes(oldRoot), newSize: size, newRoot: bytes(root), proof };
    expect(verifyConsistency(sha256, claim)).toBe(true);
    for (const other of damaged(proof)) expect(verifyConsistency(sha256, { ...claim, proof: other })).toBe(false);
  });

  test('with hashes of another length does not verify, and does not throw', async () => {
    const claim = await consistencyOf(3, 7);
    const proof = [Buffer.concat([...claim.proof]), ...claim.proof.slice(1)];
    expect(verifyConsistency(sha256, { ...claim, proof })).toBe(false);
    for (const root of [new Uint8Array(), Buffer.alloc(31), Buffer.alloc(33)]) {
      expect(verifyConsistency(sha256, { ...claim, oldRoot: root })).toBe(false);
      expect(verifyConsistency(sha256, { ...claim, newRoot: root })).toBe(false);
      const same = { oldSize: 7, newSize: 7, oldRoot: root, newRoot: root, proof: [] };
      expect(verifyConsistency(sha256, same)).toBe(false);
    }
  });

  test('from no leaves holds only for the root of no leaves', async () => {
    const claim = await consistencyOf(0, 9);
    expect(verifyConsistency(sha256, claim)).toBe(true);
    expect(verifyConsistency(sha256, { ...claim, oldRoot: rootOf(1) })).toBe(false);
    const nothing = await consistencyOf(0, 0);
    expect(verifyConsistency(sha256, { ...nothing, newRoot: rootOf(1) })).toBe(false);
    expect(verifyConsistency(sha256, { ...nothing, oldRoot: rootOf(1), newRoot: rootOf(1) })).toBe(false);
  });

  test('is refused for a tree that shrank, by prover and verifier', async () => {
    for (const [oldSize, newSize] of [
      [1, 0],
      [9, 8],
      [-1, 8],
      [0.5, 8],
      [0, Number.NaN],
      [1, 2 ** 53],
    ]) {
      await expect(proveConsistency(sha256, read, oldSize ?? 0, newSize ?? 0)).rejects.toThrow(RangeError);
      const claim = { oldSize: oldSize ?? 0, newSize: newSize ?? 0, oldRoot: hash0, newRoot: hash0, proof: [] };
      expect(verifyConsistency(sha256, claim)).toBe(false);
    }
  });
});

describe('reading a tree', () => {
  test('gives its root at every size', async () => {
    for (let size = 0; size <= MAX_SIZE; size += 1) expect(await rootAt(sha256, read, size)).toEqual(rootOf(size));
  });

  test('gives a range as it can be appended', async () => {
    const range = createCompactRange(sha256);
    range.appendRange(await hashesOfRange(read, { begin: 0, end: 21 }), 21);
    range.appendRange(await hashesOfRange(read, { begin: 21, end: 70 }), 70);
    expect(range.root()).toEqual(rootOf(70));
    expect(await hashesOfRange(read, { begin: 9, end: 9 })).toEqual([]);
  });

  test('asks for all it needs at once, and for nothing when it needs nothing', async () => {
    const asked: number[] = [];
    const counting = async (nodes: Parameters<typeof read>[0]) => {
      asked.push(nodes.length);
      return read(nodes);
    };
    await proveInclusion(sha256, counting, 3, 69);
    await proveConsistency(sha256, counting, 21, 69);
    expect(asked).toHaveLength(2);
    await proveInclusion(sha256, counting, 0, 1);
    await proveConsistency(sha256, counting, 0, 69);
    await rootAt(sha256, counting, 0);
    expect(asked).toHaveLength(2);
  });

  test('fails on a reader that leaves hashes out', async () => {
    const lossy = async (nodes: Parameters<typeof read>[0]) => (await read(nodes)).slice(1);
    await expect(proveInclusion(sha256, lossy, 3, 69)).rejects.toThrow(RangeError);
    await expect(rootAt(sha256, lossy, 69)).rejects.toThrow(RangeError);
  });

  test('needs few nodes of the largest tree there can be', async () => {
    const size = Number.MAX_SAFE_INTEGER;
    let asked = 0;
    const anything = async (nodes: Parameters<typeof read>[0]) => {
      asked += nodes.length;
      return nodes.map(() => hash0);
    };
    const proof = await proveInclusion(sha256, anything, size - 1, size);
    expect(proof).toHaveLength(52);
    expect(asked).toBe(compactNodes({ begin: 0, end: size - 1 }).length);
  });
});

const hash0 = hashEmpty(sha256);

/**
 * Two sizes whose trees have the same subtrees beside the way to a leaf also lead from it to one root: what tells them
 * apart is the root.
 */
function isSamePath(index: number, size: number, other: number): boolean {
  if (index >= other) return false;
  const proof = path(index, leaves.slice(0, size));
  const root = rootOfInclusion(index, other, leafOf(index), proof);
  return root !== undefined && Buffer.compare(root, rootOf(size)) === 0;
}

/** The proof with each hash changed, each left out, one more at each place, and each two neighbours exchanged. */
function* damaged(proof: readonly Uint8Array[]): Generator<Uint8Array[]> {
  yield* flipped(proof);
  for (let n = 0; n < proof.length; n += 1) yield proof.toSpliced(n, 1);
  for (let n = 0; n <= proof.length; n += 1) yield proof.toSpliced(n, 0, proof[n] ?? hash0);
  for (let n = 1; n < proof.length; n += 1) {
    yield proof.with(n - 1, proof[n] ?? hash0).with(n, proof[n - 1] ?? hash0);
  }
}
