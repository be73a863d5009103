import type { NodeReader } from '../../../src/audit/core/proof.ts';
import type { NodeId } from '../../../src/audit/core/tree.ts';
import { leafHash, treeHash } from './reference.ts';

/** The hashes of the entries "0", "1", "2" and so on. */
export function decimalLeaves(count: number): Buffer[] {
  return Array.from({ length: count }, (_, n) => leafHash(Buffer.from(String(n), 'utf8')));
}

/** Reads the nodes of a tree by definition, each computed once. Refuses a node beyond the last leaf. */
export function readerOf(leaves: readonly Uint8Array[]): NodeReader {
  const known = new Map<string, Uint8Array>();
  return async (nodes) => nodes.map((node) => nodeOf(node, leaves, known));
}

function nodeOf({ level, index }: NodeId, leaves: readonly Uint8Array[], known: Map<string, Uint8Array>): Uint8Array {
  const key = `${level}/${index}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const [begin, end] = [index * 2 ** level, (index + 1) * 2 ** level];
  if (end > leaves.length) throw new RangeError(`no node ${key} yet`);
  const hash = treeHash(leaves.slice(begin, end));
  known.set(key, hash);
  return hash;
}

/** Each of them with one bit flipped, one after the other. */
export function* flipped(hashes: readonly Uint8Array[]): Generator<Uint8Array[]> {
  for (const [n, hash] of hashes.entries()) {
    const copy = Uint8Array.from(hash);
    copy[n % copy.length] = (copy[n % copy.length] ?? 0) ^ 1;
    yield hashes.with(n, copy);
  }
}

export function isSame(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((hash, n) => Buffer.compare(hash, b[n] ?? Buffer.alloc(0)) === 0);
}
