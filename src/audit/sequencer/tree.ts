import type { Database, Transaction } from '../../db/connection.ts';
import { HASH_BYTES } from '../core/hash.ts';
import { type NodeReader, rootAt } from '../core/proof.ts';
import { createTileReader, TILE_WIDTH } from '../core/tile.ts';
import { rootOfLeaves } from '../core/tree.ts';
import { sha256 } from '../hashing.ts';
import { countTiles, type FullTile, insertTiles, readTiles, selectLeafTiles, selectUpperTiles } from './tree-store.ts';

/** As many levels of full tiles as 2^53 leaves have. */
const LEVELS = 6;
/** At most so many tiles of one level are written in one transaction: 65,536 leaves. */
const MOST_TILES = 256;

/** Reads nodes of the tree that a log has, or had, with `size` leaves; it must have been signed with so many. */
export function nodeReader(executor: Database | Transaction, logId: string, size: number): NodeReader {
  return createTileReader(sha256, size, (tiles) => readTiles(executor, logId, tiles));
}

/** The root of the first `at` leaves, read from the tree of a log of `size` leaves: from its right edge at `at`. */
export async function readRoot(tx: Transaction, logId: string, size: number, at: number): Promise<Buffer> {
  return Buffer.from(await rootAt(sha256, nodeReader(tx, logId, size), at));
}

/**
 * Writes the full tiles that a log of `size` leaves lacks, under its lock. False if there are more than one transaction
 * should write: call again in a new one.
 */
export async function writeFullTiles(tx: Transaction, logId: string, size: number): Promise<boolean> {
  if (size < TILE_WIDTH) return true;
  const counts = await countTiles(tx, logId, LEVELS);
  let isComplete = true;
  let below = size;
  for (const [level, count] of counts.entries()) {
    const wanted = Math.floor(below / TILE_WIDTH);
    const end = Math.min(wanted, count + MOST_TILES);
    if (count < end) await insertTiles(tx, logId, await makeTiles(tx, logId, level, count, end));
    isComplete &&= end >= wanted;
    below = Math.max(count, end);
  }
  return isComplete;
}

async function makeTiles(
  tx: Transaction,
  logId: string,
  level: number,
  first: number,
  end: number,
): Promise<FullTile[]> {
  const found =
    level === 0 ? await selectLeafTiles(tx, logId, first, end) : await selectUpperTiles(tx, logId, level, first, end);
  if (found.length !== end - first) throw new Error(`level ${level} of the audit log ${logId} has a gap`);
  return found.map((hashes, n) => ({ level, index: first + n, hashes, root: rootOfTile(hashes) }));
}

function rootOfTile(hashes: Buffer): Buffer {
  const parts = Array.from({ length: TILE_WIDTH }, (_, n) => hashes.subarray(n * HASH_BYTES, (n + 1) * HASH_BYTES));
  return Buffer.from(rootOfLeaves(sha256, parts));
}
