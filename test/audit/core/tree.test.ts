import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/audit/core/base64.ts';
import { hashEmpty, hashLeaf, hashNode } from '../../../src/audit/core/hash.ts';
import { compactNodes, createCompactRange, rootOfLeaves } from '../../../src/audit/core/tree.ts';
import { sha256 } from '../../../src/audit/hashing.ts';
import vectors from '../../vectors/merkle-tree.json' with { type: 'json' };
import { treeHash } from './reference.ts';
import { decimalLeaves, isSame, readerOf } from './trees.ts';

const leaves = decimalLeaves(70);
const read = readerOf(leaves);

describe('hashes', () => {
  test('a leaf and a node of the same bytes are not the same', () => {
    const [left, right] = [hashEmpty(sha256), hashLeaf(sha256, new Uint8Array())];
    expect(hashNode(sha256, left, right)).not.toEqual(hashLeaf(sha256, Buffer.concat([left, right])));
    expect(hashNode(sha256, left, right)).not.toEqual(hashNode(sha256, right, left));
  });

  test('a node is made of two whole hashes', () => {
    const whole = hashEmpty(sha256);
    for (const length of [0, 31, 33, 64]) {
      expect(() => hashNode(sha256, new Uint8Array(length), whole)).toThrow(RangeError);
      expect(() => hashNode(sha256, whole, new Uint8Array(length))).toThrow(RangeError);
    }
  });
});

describe('the root', () => {
  test('is that of the published trees', () => {
    const { leaves: entries, roots } = vectors.certificateTransparency;
    const hashes = entries.map((entry) => hashLeaf(sha256, Buffer.from(entry, 'hex')));
    for (const [size, root] of roots.entries()) {
      expect(toHex(rootOfLeaves(sha256, hashes.slice(0, size))), `size ${size}`).toBe(root);
    }
  });

  test('is that of trees around the edges of tiles, computed elsewhere', () => {
    const range = createCompactRange(sha256);
    const expected = new Map(vectors.decimalLeaves.roots.map(({ size, root }) => [size, root]));
    const seen: number[] = [];
    for (let size = 1; size <= 70_000; size += 1) {
      range.append(hashLeaf(sha256, Buffer.from(String(size - 1), 'utf8')));
      if (!expected.has(size)) continue;
      expect(toHex(range.root()), `size ${size}`).toBe(expected.get(size));
      seen.push(size);
    }
    expect(seen).toEqual([255, 256, 257, 65_535, 65_536, 65_537, 70_000]);
  });

  test('is the one of RFC 6962 for every size', () => {
    for (let size = 0; size <= leaves.length; size += 1) {
      expect(rootOfLeaves(sha256, leaves.slice(0, size))).toEqual(treeHash(leaves.slice(0, size)));
    }
  });
});

describe('a compact range', () => {
  test('covers its leaves once, in order, with the fewest nodes', () => {
    const wrong: string[] = [];
    for (let begin = 0; begin <= 66; begin += 1) {
      for (let end = begin; end <= 130; end += 1) {
        const nodes = compactNodes({ begin, end });
        let at = begin;
        for (const { level, index } of nodes) at = index * 2 ** level === at ? at + 2 ** level : Number.NaN;
        if (at !== end || nodes.length !== fewestNodes(begin, end)) wrong.push(`[${begin}, ${end})`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('has the hashes of its nodes, wherever it begins and however far it grew', async () => {
    const wrong: string[] = [];
    for (let begin = 0; begin <= 70; begin += 1) {
      const range = createCompactRange(sha256, begin);
      for (let end = begin; end <= 70; end += 1) {
        if (range.end !== end || !isSame(range.hashes(), await read(compactNodes({ begin, end })))) {
          wrong.push(`[${begin}, ${end})`);
        }
        if (end < 70) range.append(leaves[end] ?? Buffer.alloc(0));
      }
    }
    expect(wrong).toEqual([]);
  });

  test('joins with the adjacent one, wherever they meet', async () => {
    const wrong: string[] = [];
    const size = 35;
    for (let begin = 0; begin <= size; begin += 1) {
      for (let middle = begin; middle <= size; middle += 1) {
        for (let end = middle; end <= size; end += 1) {
          const range = createCompactRange(sha256, begin);
          range.appendRange(await read(compactNodes({ begin, end: middle })), middle);
          range.appendRange(await read(compactNodes({ begin: middle, end })), end);
          const isJoined = range.end === end && isSame(range.hashes(), await read(compactNodes({ begin, end })));
          if (!isJoined) wrong.push(`[${begin}, ${middle}) and [${middle}, ${end})`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('made from three pieces has the root of the whole', async () => {
    const pieces = fc.tuple(fc.nat(70), fc.nat(70), fc.nat(70)).map((ends) => ends.sort((a, b) => a - b));
    await fc.assert(
      fc.asyncProperty(pieces, async (ends) => {
        const range = createCompactRange(sha256);
        for (const end of ends) range.appendRange(await read(compactNodes({ begin: range.end, end })), end);
        expect(range.root()).toEqual(treeHash(leaves.slice(0, range.end)));
      }),
    );
  });

  test('takes no more and no fewer hashes than the leaves to append have nodes, and is as it was', async () => {
    const range = createCompactRange(sha256);
    for (const leaf of leaves.slice(0, 5)) range.append(leaf);
    const hashes = await read(compactNodes({ begin: 5, end: 12 }));
    for (const wrong of [hashes.slice(1), [...hashes, leaves[0] ?? Buffer.alloc(0)], []]) {
      expect(() => range.appendRange(wrong, 12)).toThrow(RangeError);
      expect(range.end).toBe(5);
      expect(range.root()).toEqual(treeHash(leaves.slice(0, 5)));
    }
    expect(() => range.appendRange([], 4)).toThrow(RangeError);
    range.appendRange(hashes, 12);
    expect(range.root()).toEqual(treeHash(leaves.slice(0, 12)));
  });

  test('has a root only if it begins at 0', () => {
    expect(() => createCompactRange(sha256, 1).root()).toThrow(RangeError);
    expect(createCompactRange(sha256).root()).toEqual(treeHash([]));
  });

  test('gives its hashes away as copies of the list', () => {
    const range = createCompactRange(sha256);
    for (const leaf of leaves.slice(0, 3)) range.append(leaf);
    range.hashes().pop();
    expect(range.root()).toEqual(treeHash(leaves.slice(0, 3)));
  });

  test('reaches beyond 32 bits and up to the last safe size', () => {
    const last = Number.MAX_SAFE_INTEGER;
    expect(compactNodes({ begin: 0, end: last })).toHaveLength(53);
    expect(compactNodes({ begin: 2 ** 52 - 1, end: 2 ** 52 + 1 })).toEqual([
      { level: 0, index: 2 ** 52 - 1 },
      { level: 0, index: 2 ** 52 },
    ]);
    expect(compactNodes({ begin: 0, end: 2 ** 40 })).toEqual([{ level: 40, index: 0 }]);
    expect(compactNodes({ begin: 2 ** 33, end: 2 ** 33 + 2 ** 32 })).toEqual([{ level: 32, index: 2 }]);

    const range = createCompactRange(sha256);
    const half = leaves[0] ?? Buffer.alloc(0);
    range.appendRange([half], 2 ** 33);
    range.appendRange([half], 2 ** 34);
    expect(range.root()).toEqual(hashNode(sha256, half, half));
    const full = createCompactRange(sha256, last);
    expect(() => full.append(half)).toThrow(RangeError);
  });

  test('refuses what is no range', () => {
    for (const [begin, end] of [
      [-1, 0],
      [1, 0],
      [0, 1.5],
      [0, Number.NaN],
      [0, 2 ** 53],
      [0, Number.POSITIVE_INFINITY],
    ]) {
      expect(() => compactNodes({ begin: begin ?? 0, end: end ?? 0 }), `[${begin}, ${end})`).toThrow(RangeError);
    }
  });
});

/** By trying: no aligned block of a power of two that starts here and fits is larger than the best. */
function fewestNodes(begin: number, end: number): number {
  if (begin === end) return 0;
  const widths = [128, 64, 32, 16, 8, 4, 2, 1].filter((width) => begin % width === 0 && begin + width <= end);
  return 1 + fewestNodes(begin + (widths[0] ?? 1), end);
}
