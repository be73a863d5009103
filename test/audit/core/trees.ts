import type { NodeReader } from '../../../src/audit/core/proof.ts';
import { type TileId, tileOfNode } from '../../../src/audit/core/tile.ts';
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

/** Every tile that a tree of `size` leaves has, those of lower levels first. */
export function tilesOf(size: number): TileId[] {
  const tiles: TileId[] = [];
  for (let level = 0; 256 ** level <= size; level += 1) {
    for (let index = 0; (index * 256 + 1) * 256 ** level <= size; index += 1) {
      tiles.push(tileOfNode({ level: 8 * level, index: index * 256 }, size));
    }
  }
  return tiles;
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
