import { hashEmpty, hashNode, type Sha256 } from './hash.ts';
import { assertSize, isSize } from './size.ts';

/**
 * The shape of a Merkle tree whose leaves come one after the other.
 *
 * A node stands for a perfect subtree: node (level, index) covers the 2^level leaves from index × 2^level on. Its hash
 * never changes once the last of them is there. Any range of leaves is covered by few such nodes, the largest that fit,
 * which is its compact range. For the leaves 3 to 9, the range [3, 10):
 *
 *     level 2            (2,1)
 *     level 1                        (1,4)
 *     level 0     (0,3)
 *     leaf          3   4  5  6  7   8  9       [3, 10) = (0,3) (2,1) (1,4)
 *
 * At most two of them for each level, so about 100 for the largest tree. Two adjacent compact ranges can be joined, and
 * the one from 0 on has all it takes to compute the root: so a tree is built, or checked, without keeping it.
 */
export interface NodeId {
  readonly level: number;
  readonly index: number;
}

/** Half-open: the leaves from `begin` up to, but without, `end`. */
export interface LeafRange {
  readonly begin: number;
  readonly end: number;
}

/** The nodes of the compact range, from left to right; none for an empty range. */
export function compactNodes({ begin, end }: LeafRange): NodeId[] {
  assertRange(begin, end);
  const nodes: NodeId[] = [];
  let at = begin;
  while (at < end) {
    let level = 0;
    let width = 1;
    while (at % (2 * width) === 0 && 2 * width <= end - at) {
      level += 1;
      width *= 2;
    }
    nodes.push({ level, index: at / width });
    at += width;
  }
  return nodes;
}

/** A range of leaves that grows at its end, kept as the hashes of its compact range. */
export interface CompactRange {
  readonly begin: number;
  readonly end: number;
  append(leafHash: Uint8Array): void;
  /**
   * Appends the leaves up to `end` by the hashes of their compact range. Throws a RangeError, and appends nothing, if
   * that takes another number of hashes.
   */
  appendRange(hashes: readonly Uint8Array[], end: number): void;
  /** Those of `compactNodes`, in its order. */
  hashes(): Uint8Array[];
  /** The root of the tree. Only a range that begins at 0 has one; throws a RangeError for another. */
  root(): Uint8Array;
}

/** Empty, at `begin`. Appending costs at most two hashes a leaf on average; memory is that of the compact range. */
export function createCompactRange(sha256: Sha256, begin = 0): CompactRange {
  assertSize(begin);
  const hashes: Uint8Array[] = [];
  let end = begin;

  /** Takes in the node that begins where the range ends, and joins it with what is left of it as often as it can be. */
  function appendNode(node: NodeId, nodeHash: Uint8Array): void {
    let { index } = node;
    let width = 2 ** node.level;
    end += width;
    let hash = nodeHash;
    // A right child whose sibling lies in the range too: the sibling is then the last node so far.
    while (index % 2 === 1 && (index - 1) * width >= begin) {
      const left = hashes.pop();
      if (left === undefined) throw new Error('a compact range lost a node');
      hash = hashNode(sha256, left, hash);
      index = (index - 1) / 2;
      width *= 2;
    }
    hashes.push(hash);
  }

  return {
    begin,
    get end() {
      return end;
    },
    append(leafHash) {
      assertSize(end + 1);
      appendNode({ level: 0, index: end }, leafHash);
    },
    appendRange(added, newEnd) {
      const nodes = compactNodes({ begin: end, end: newEnd });
      if (nodes.length !== added.length) {
        throw new RangeError(`[${end}, ${newEnd}) has ${nodes.length} nodes, not ${added.length}`);
      }
      for (const [n, hash] of added.entries()) {
        const node = nodes[n];
        if (node !== undefined) appendNode(node, hash);
      }
    },
    hashes: () => [...hashes],
    root() {
      if (begin !== 0) throw new RangeError(`a range that begins at ${begin} has no root`);
      return foldCompact(sha256, hashes);
    },
  };
}

export function rootOfLeaves(sha256: Sha256, leafHashes: Iterable<Uint8Array>): Uint8Array {
  const range = createCompactRange(sha256);
  for (const leafHash of leafHashes) range.append(leafHash);
  return range.root();
}

/**
 * The hash of a subtree of RFC 6962, perfect or not, from the hashes of its compact range: the small ones at the right
 * edge are joined first.
 */
export function foldCompact(sha256: Sha256, hashes: readonly Uint8Array[]): Uint8Array {
  const last = hashes.at(-1);
  if (last === undefined) return hashEmpty(sha256);
  return hashes.slice(0, -1).reduceRight((right, left) => hashNode(sha256, left, right), last);
}

function assertRange(begin: number, end: number): void {
  if (!isSize(begin) || !isSize(end) || begin > end) throw new RangeError(`[${begin}, ${end}) is no range of leaves`);
}
