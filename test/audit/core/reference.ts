import { createHash } from 'node:crypto';

/**
 * Merkle trees as RFC 6962 section 2.1 defines them, word by word and without a thought for speed, to hold the log's own
 * mathematics against. Verifying follows the algorithms of RFC 9162 sections 2.1.3.2 and 2.1.4.2.
 */
const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return digest.digest();
};

export const leafHash = (entry: Uint8Array): Buffer => sha256(Buffer.of(0), entry);
const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => sha256(Buffer.of(1), left, right);

/** MTH(D[n]), of the hashes of the entries. */
export function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return sha256();
  if (leaves.length === 1) return first;
  const k = split(leaves.length);
  return nodeHash(treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)));
}

/** PATH(m, D[n]). */
export function path(m: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return m < k
    ? [...path(m, leaves.slice(0, k)), treeHash(leaves.slice(k))]
    : [...path(m - k, leaves.slice(k)), treeHash(leaves.slice(0, k))];
}

/** SUBPROOF(m, D[n], b); PROOF(m, D[n]) is SUBPROOF(m, D[n], true). */
export function subproof(m: number, leaves: readonly Uint8Array[], isWhole = true): Uint8Array[] {
  if (m === leaves.length) return isWhole ? [] : [treeHash(leaves)];
  const k = split(leaves.length);
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), isWhole), treeHash(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), treeHash(leaves.slice(0, k))];
}

/** The root that the proof leads to by RFC 9162 section 2.1.3.2; undefined if it leads nowhere. */
export function rootOfInclusion(index: number, size: number, leaf: Uint8Array, proof: readonly Uint8Array[]) {
  if (index >= size) return undefined;
  let [fn, sn, r] = [BigInt(index), BigInt(size) - 1n, leaf];
  for (const p of proof) {
    if (sn === 0n) return undefined;
    if (fn % 2n === 1n || fn === sn) {
      r = nodeHash(p, r);
      while (fn % 2n === 0n && fn !== 0n) [fn, sn] = [fn / 2n, sn / 2n];
    } else {
      r = nodeHash(r, p);
    }
    [fn, sn] = [fn / 2n, sn / 2n];
  }
  return sn === 0n ? r : undefined;
}

/** The old and the new root that the proof leads to by RFC 9162 section 2.1.4.2, for 0 < first < second. */
export function rootsOfConsistency(
  first: number,
  second: number,
  firstRoot: Uint8Array,
  proof: readonly Uint8Array[],
): [Uint8Array, Uint8Array] | undefined {
  if (proof.length === 0) return undefined;
  const isPower = (BigInt(first) & (BigInt(first) - 1n)) === 0n;
  const [seed, ...rest] = isPower ? [firstRoot, ...proof] : proof;
  if (seed === undefined) return undefined;
  let [fn, sn] = [BigInt(first) - 1n, BigInt(second) - 1n];
  while (fn % 2n === 1n) [fn, sn] = [fn / 2n, sn / 2n];
  let [fr, sr] = [seed, seed];
  for (const c of rest) {
    if (sn === 0n) return undefined;
    if (fn % 2n === 1n || fn === sn) {
      [fr, sr] = [nodeHash(c, fr), nodeHash(c, sr)];
      while (fn % 2n === 0n && fn !== 0n) [fn, sn] = [fn / 2n, sn / 2n];
    } else {
      sr = nodeHash(sr, c);
    }
    [fn, sn] = [fn / 2n, sn / 2n];
  }
  return sn === 0n ? [fr, sr] : undefined;
}

/** The largest power of two below `n`. */
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}
