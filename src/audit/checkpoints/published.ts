import type { Database } from '../../db/connection.ts';
import { encodeEntry, TILE_WIDTH, type TileId } from '../core/tile.ts';
import { peekLog } from '../sequencer/sequencer-store.ts';
import { readEntries, readTiles } from '../sequencer/tree-store.ts';
import type { StoredCheckpoint } from './checkpoint-store.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { LogKeys } from './log-key.ts';

/**
 * What a log publishes, as c2sp.org/tlog-tiles has it: full tiles up to the size of its last checkpoint, and partial ones
 * of the widths that they had at the size of some checkpoint. Everything else is undefined, though the hashes may be there.
 */
interface PublishedDeps {
  readonly db: Database;
  readonly checkpoints: Checkpoints;
}

/**
 * The last checkpoint, or a new one if the log has grown and the last is older than a second. The last one goes on being
 * served when no more are signed.
 *
 * @throws ServiceError `unavailable` if there is none at all; its message says why
 */
export async function publishedCheckpoint(
  { db, checkpoints }: PublishedDeps,
  logId: string,
): Promise<StoredCheckpoint> {
  const { size } = await peekLog(db, logId);
  const last = await checkpoints.latest(logId);
  if (last === undefined) return await checkpoints.covering(logId, size);
  if (last.size >= size) return last;
  try {
    return (await checkpoints.publish(logId)) ?? last;
  } catch {
    // Whoever signs in the background meets the same trouble, and reports it.
    return last;
  }
}

/** What its checkpoints are verified with. A log that has signed nothing yet signs now, which makes its key. */
export async function publishedVerifierKey(
  { logKeys, ...deps }: PublishedDeps & { readonly logKeys: LogKeys },
  logId: string,
): Promise<string> {
  const [key] = await logKeys.own(deps.db, logId);
  if (key === undefined) await publishedCheckpoint(deps, logId);
  // Its own, not what stands there: to a key that somebody has put into the database this must not lend its name.
  return (key ?? (await logKeys.open(deps.db, logId))).verifierKey;
}

export async function publishedTile(deps: PublishedDeps, logId: string, tile: TileId): Promise<Buffer | undefined> {
  if (!(await isPublished(deps, logId, tile))) return undefined;
  const [hashes] = await readTiles(deps.db, logId, [tile]);
  return hashes;
}

/** The entries under a tile of level 0, each after its length. */
export async function publishedEntries(
  deps: PublishedDeps,
  logId: string,
  { index, width }: Omit<TileId, 'level'>,
): Promise<Buffer | undefined> {
  if (!(await isPublished(deps, logId, { level: 0, index, width }))) return undefined;
  const entries = await readEntries(deps.db, logId, index, width);
  return Buffer.concat(entries.map(encodeEntry));
}

async function isPublished(
  { checkpoints }: PublishedDeps,
  logId: string,
  { level, index, width }: TileId,
): Promise<boolean> {
  const last = await checkpoints.latest(logId);
  const span = TILE_WIDTH ** level;
  const begin = (index * TILE_WIDTH + width) * span;
  if (last === undefined || begin > last.size) return false;
  if (width === TILE_WIDTH || last.size < begin + span) return true;
  return await checkpoints.hasBetween(logId, { begin, end: begin + span });
}
