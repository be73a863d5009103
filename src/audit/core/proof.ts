import { bytesEqual } from './base64.ts';
import { hashEmpty, hashNode, isHash, type Sha256 } from './hash.ts';
import { isSize } from './size.ts';
import { compactNodes, foldCompact, type LeafRange, type NodeId } from './tree.ts';

/**
 * Proofs of RFC 6962 section 2.1.1 and 2.1.2: that a leaf is in a tree, and that a tree begins with all of an older one.
 * A proof is a list of hashes of subtrees, those nearest the leaves first. Over the seven leaves a to g
 *
 *              root            the proof for d (index 3) is [c, ab, efg]
 *             /    \
 *         abcd      efg        the proof from size 3 to size 7 is [c, d, ab, efg]:
 *         /  \      /  \         the root of size 3 is node(ab, c),
 *        ab   cd   ef   g        that of size 7 is node(node(ab, node(c, d)), efg)
 *
 * Which subtrees those are follows from the numbers alone, so it is worked out once, in `inclusionRanges` and
 * `consistencyRanges`: proving reads their hashes, verifying checks that there are as many and joins them.
 */
export type NodeReader = (nodes: readonly NodeId[]) => Promise<readonly Uint8Array[]>;

/** That the leaf `index` is in the tree of `size`. Throws a RangeError if there is no such leaf. */
export async function proveInclusion(
  sha256: Sha256,
  read: NodeReader,
  index: number,
  size: number,
): Promise<Uint8Array[]> {
  if (!isLeafOf(index, size)) throw new RangeError(`a tree of ${size} leaves has no leaf ${index}`);
  return subtreeHashes(sha256, read, inclusionRanges(index, size));
}

/**
 * That the tree of `newSize` begins with the leaves of the tree of `oldSize`. Empty if both are the same, and for an old
 * size of 0, with which every tree begins. Throws a RangeError if the old one is larger.
 */
export async function proveConsistency(
  sha256: Sha256,
  read: NodeReader,
  oldSize: number,
  newSize: number,
): Promise<Uint8Array[]> {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) {
    throw new RangeError(`a tree of ${newSize} leaves cannot begin with ${oldSize}`);
  }
  return subtreeHashes(sha256, read, consistencyRanges(oldSize, newSize));
}

/** The root of the tree when it had `size` leaves. */
export async function rootAt(sha256: Sha256, read: NodeReader, size: number): Promise<Uint8Array> {
  return foldCompact(sha256, await hashesOfRange(read, { begin: 0, end: size }));
}

/** The hashes of the compact range of `range`. */
export async function hashesOfRange(read: NodeReader, range: LeafRange): Promise<readonly Uint8Array[]> {
  return readAll(read, compactNodes(range));
}

export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  readonly leafHash: Uint8Array;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Whether the proof shows that the leaf is at `index` in the tree of that size and root. Never throws. */
export function verifyInclusion(sha256: Sha256, claim: InclusionClaim): boolean {
  const computed = inclusionRoot(sha256, claim);
  return computed !== undefined && bytesEqual(computed, claim.root);
}

/**
 * The root to which the proof leads from the leaf; undefined if it does not have the hashes that such a proof has. Never
 * throws.
 */
export function inclusionRoot(
  sha256: Sha256,
  { index, size, leafHash, proof }: Omit<InclusionClaim, 'root'>,
): Uint8Array | undefined {
  if (!isLeafOf(index, size) || ![leafHash, ...proof].every(isHash)) return undefined;
  const ranges = inclusionRanges(index, size);
  if (ranges.length !== proof.length) return undefined;
  return placed(ranges, proof).reduce(
    (hash, { begin, subtree }) => (begin > index ? hashNode(sha256, hash, subtree) : hashNode(sha256, subtree, hash)),
    leafHash,
  );
}

export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly newSize: number;
  readonly newRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Whether the proof shows that the new tree begins with all leaves of the old one, in their order. Never throws. */
export function verifyConsistency(sha256: Sha256, claim: ConsistencyClaim): boolean {
  const { oldSize, oldRoot, newSize, newRoot, proof } = claim;
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) return false;
  if (![oldRoot, newRoot, ...proof].every(isHash)) return false;
  const ranges = consistencyRanges(oldSize, newSize);
  if (ranges.length !== proof.length) return false;
  if (oldSize === 0 && !bytesEqual(oldRoot, hashEmpty(sha256))) return false;
  if (oldSize === newSize) return bytesEqual(oldRoot, newRoot);
  const [first, ...rest] = placed(ranges, proof);
  // Every tree begins with no leaves.
  if (first === undefined) return true;
  // The proof begins with the last subtree of the old tree, unless that is the whole old tree, whose hash is known.
  const isOldWhole = first.begin >= oldSize;
  const seed = isOldWhole ? oldRoot : first.subtree;
  let oldHash = seed;
  let newHash = seed;
  for (const { begin, subtree } of isOldWhole ? [first, ...rest] : rest) {
    if (begin >= oldSize) {
      newHash = hashNode(sha256, newHash, subtree);
    } else {
      oldHash = hashNode(sha256, subtree, oldHash);
      newHash = hashNode(sha256, subtree, newHash);
    }
  }
  return bytesEqual(oldHash, oldRoot) && bytesEqual(newHash, newRoot);
}

/** PATH(m, D[n]) of RFC 6962: what is beside the way from the root to the leaf, the lowest first. */
function inclusionRanges(index: number, size: number): LeafRange[] {
  return wayDown(index, size, ({ begin, end }) => end - begin === 1).beside;
}

/** PROOF(m, D[n]) of RFC 6962: what is beside the way from the new root to the old tree's last subtree, and that one. */
function consistencyRanges(oldSize: number, newSize: number): LeafRange[] {
  if (oldSize === 0) return [];
  const { last, beside } = wayDown(oldSize - 1, newSize, ({ end }) => end === oldSize);
  // At the left edge it is the old tree itself, whose root whoever verifies has.
  return last.begin === 0 ? beside : [last, ...beside];
}

/** From the root towards a leaf, as far as a subtree that is the last; beside it lies the other half at each fork. */
function wayDown(leaf: number, size: number, isLast: (subtree: LeafRange) => boolean) {
  const beside: LeafRange[] = [];
  let last: LeafRange = { begin: 0, end: size };
  while (!isLast(last)) {
    const middle = last.begin + largestPowerBelow(last.end - last.begin);
    const left = { begin: last.begin, end: middle };
    const right = { begin: middle, end: last.end };
    beside.push(leaf < middle ? right : left);
    last = leaf < middle ? left : right;
  }
  return { last, beside: beside.reverse() };
}

/** The hash of each range, which is a subtree, perfect or at the right edge; all nodes are read at once. */
async function subtreeHashes(sha256: Sha256, read: NodeReader, ranges: readonly LeafRange[]): Promise<Uint8Array[]> {
  const nodes = ranges.map(compactNodes);
  const hashes = await readAll(read, nodes.flat());
  let at = 0;
  return nodes.map(({ length }) => {
    at += length;
    return foldCompact(sha256, hashes.slice(at - length, at));
  });
}

async function readAll(read: NodeReader, nodes: readonly NodeId[]): Promise<readonly Uint8Array[]> {
  const hashes = nodes.length === 0 ? [] : await read(nodes);
  if (hashes.length !== nodes.length) throw new RangeError(`${hashes.length} hashes for ${nodes.length} nodes`);
  return hashes;
}

/** Each hash of the proof with the place of its subtree. */
function placed(ranges: readonly LeafRange[], proof: readonly Uint8Array[]) {
  return proof.map((subtree, n) => ({ begin: ranges[n]?.begin ?? 0, subtree }));
}

function isLeafOf(index: number, size: number): boolean {
  return isSize(index) && isSize(size) && index < size;
}

/** Of a number above 1. */
function largestPowerBelow(value: number): number {
  let power = 1;
  while (2 * power < value) power *= 2;
  return power;
}
