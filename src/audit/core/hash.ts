import { concatBytes } from './base64.ts';

/**
 * The hashes of a Merkle tree, RFC 6962 section 2.1. D[n] is a list of n entries, `‖` puts bytes together:
 *
 *     MTH of no entries      = SHA-256("")
 *     MTH of one entry       = SHA-256(0x00 ‖ entry)
 *     MTH of n > 1 entries   = SHA-256(0x01 ‖ MTH(D[0:k]) ‖ MTH(D[k:n])), k the largest power of two below n
 *
 * The first byte keeps a leaf from passing for a node. The tree over "a", "b", "c" is node(node(a, b), c).
 *
 * SHA-256 itself is given to every function, since its fast implementation differs from place to place: the service
 * takes Node's, a page in a browser brings another.
 */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

export const HASH_BYTES = 32;

const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

export function hashEmpty(sha256: Sha256): Uint8Array {
  return sha256(new Uint8Array());
}

export function hashLeaf(sha256: Sha256, entry: Uint8Array): Uint8Array {
  return sha256(concatBytes(LEAF_PREFIX, entry));
}

/** Throws a RangeError unless both are hashes: a long and a short one could otherwise stand in for two others. */
export function hashNode(sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  if (!isHash(left) || !isHash(right)) throw new RangeError(`a hash has ${HASH_BYTES} bytes`);
  return sha256(concatBytes(NODE_PREFIX, left, right));
}

export function isHash(bytes: Uint8Array): boolean {
  return bytes.length === HASH_BYTES;
}
