import type { Database } from '../../db/connection.ts';
import { type DamageFound, damageAt, nameLeaves } from '../core/damage.ts';
import { HASH_BYTES } from '../core/hash.ts';
import { TILE_WIDTH } from '../core/tile.ts';
import { swapped } from '../core/tile-check.ts';
import { rootOfLeaves } from '../core/tree.ts';
import { sha256 } from '../hashing.ts';
import { selectTiles } from './log-store.ts';

/** Compares the stored tiles of a log with its leaves, as these come. */
export interface TileCheck {
  append(leafHash: Uint8Array): Promise<void>;
  /** What was found first, once it is known whether the leaves are those that were signed. */
  suspicion(areLeavesSigned: boolean): DamageFound | undefined;
  /** How many were compared. */
  readonly count: number;
}

export function createTileCheck(db: Database, logId: string): TileCheck {
  /** By level, the hashes of the tile at hand. */
  const open: { index: number; hashes: Uint8Array[] }[] = [];
  let suspect: { level: number; index: number; stored: Buffer | undefined; actual: Buffer } | undefined;
  let count = 0;

  async function add(level: number, hash: Uint8Array): Promise<void> {
    const tile = open[level] ?? { index: 0, hashes: [] };
    open[level] = tile;
    tile.hashes.push(hash);
    if (tile.hashes.length < TILE_WIDTH) return;
    await compare(level, tile.index, Buffer.concat(tile.hashes));
    open[level] = { index: tile.index + 1, hashes: [] };
    await add(level + 1, rootOfLeaves(sha256, tile.hashes));
  }

  async function compare(level: number, index: number, actual: Buffer): Promise<void> {
    const [row] = await selectTiles(db, logId, level, index, index + 1);
    if (row === undefined) {
      suspect ??= { level, index, stored: undefined, actual };
      return;
    }
    count += 1;
    const isRootRight = rootOfLeaves(sha256, split(row.hashes)).every((byte, n) => byte === row.root[n]);
    if (!row.hashes.equals(actual) || !isRootRight) suspect ??= { level, index, stored: row.hashes, actual };
  }

  return {
    append: (leafHash) => add(0, leafHash),
    suspicion(areLeavesSigned) {
      if (suspect === undefined) return undefined;
      const { level, index, stored, actual } = suspect;
      const leaves = leavesOf(level, index);
      if (stored === undefined) {
        // A log of a version without tiles gets them before it signs anything.
        if (!areLeavesSigned) return undefined;
        return damageAt(null, 'missing_tile', `There is no tile ${level}/${index}, of ${nameLeaves(leaves)}.`, {
          leaves,
        });
      }
      if (areLeavesSigned || level > 0 || stored.equals(actual)) {
        return damageAt(null, 'edited_tile', `Tile ${level}/${index} is not that of ${nameLeaves(leaves)}.`, {
          leaves,
        });
      }
      return compareLeaves(split(stored), split(actual), leaves.first);
    },
    get count() {
      return count;
    },
  };
}

function leavesOf(level: number, index: number): { first: number; end: number } {
  const width = TILE_WIDTH ** (level + 1);
  return { first: index * width, end: (index + 1) * width };
}

function split(hashes: Buffer): Buffer[] {
  const count = Math.ceil(hashes.length / HASH_BYTES);
  return Array.from({ length: count }, (_, n) => hashes.subarray(n * HASH_BYTES, (n + 1) * HASH_BYTES));
}

/** What was done to leaves, of which the tile still has the hashes. */
function compareLeaves(stored: readonly Buffer[], actual: readonly Buffer[], first: number): DamageFound {
  const isSame = (a: number, b: number) => stored[a] !== undefined && actual[b]?.equals(stored[a]) === true;
  const at = stored.findIndex((_, n) => !isSame(n, n));
  const other = stored.findIndex((_, n) => n > at && isSame(n, at) && isSame(at, n));
  const leaves = { first: first + at, end: first + at + 1 };
  const isShifted = (by: -1 | 1) =>
    stored.every((_, n) => n <= at + 1 || n + by >= stored.length || (by === 1 ? isSame(n, n + 1) : isSame(n, n - 1)));
  if (other !== -1) {
    return swapped([first + at, first + other]);
  }
  if (at + 1 < stored.length && isSame(at + 1, at) && isShifted(-1)) {
    return damageAt(null, 'removed_record', `The leaf that was at ${first + at} is gone; later ones moved up.`, {
      leaves,
    });
  }
  if (at + 1 < stored.length && isSame(at, at + 1) && isShifted(1)) {
    return damageAt(null, 'inserted_record', `At ${first + at} a leaf was put in; later ones moved down.`, { leaves });
  }
  return damageAt(null, 'edited_event', `Leaf ${first + at} was changed together with its hash.`, { leaves });
}
