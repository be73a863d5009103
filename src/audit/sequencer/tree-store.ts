import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { HASH_BYTES } from '../core/hash.ts';
import { TILE_WIDTH, type TileId } from '../core/tile.ts';

/** A full tile, and the hash of its 256 hashes: the entry of the level above. */
export interface FullTile {
  readonly level: number;
  readonly index: number;
  readonly hashes: Buffer;
  readonly root: Buffer;
}

/**
 * The bytes of tiles of a log, in the order asked for. Full ones are stored; a partial one is put together from the
 * leaves, or from the roots of the tiles below it.
 *
 * @throws Error if one is not there in its whole width
 */
export async function readTiles(
  executor: Database | Transaction,
  logId: string,
  tiles: readonly TileId[],
): Promise<Buffer[]> {
  const rows = await clientOf(executor)<{ hashes: Buffer | null }[]>`
    select case
      when wanted.width = 256 then (
        select hashes from audit_tiles
        where log_id = ${logId} and level = wanted.level and tile_index = wanted.tile_index
      )
      when wanted.level = 0 then (
        select string_agg(hash, ''::bytea order by leaf_index) from audit_leaves
        where log_id = ${logId} and leaf_index >= wanted.tile_index * 256
          and leaf_index < wanted.tile_index * 256 + wanted.width
      )
      else (
        select string_agg(root, ''::bytea order by tile_index) from audit_tiles
        where log_id = ${logId} and level = wanted.level - 1 and tile_index >= wanted.tile_index * 256
          and tile_index < wanted.tile_index * 256 + wanted.width
      )
    end as hashes
    from unnest(${tiles.map(({ level }) => level)}::smallint[], ${tiles.map(({ index }) => index)}::bigint[],
      ${tiles.map(({ width }) => width)}::int[]) with ordinality as wanted (level, tile_index, width, n)
    order by wanted.n`;
  return tiles.map(({ level, index, width }, n) => {
    const hashes = rows[n]?.hashes;
    if (hashes?.byteLength === width * HASH_BYTES) return hashes;
    throw new Error(`tile ${level}/${index} of width ${width} of the audit log ${logId} is not whole`);
  });
}

/**
 * The leaves from `TILE_WIDTH * index` on, `width` of them: what an entry tile holds.
 *
 * @throws Error if there are not so many
 */
export async function readEntries(db: Database, logId: string, index: number, width: number): Promise<Buffer[]> {
  const first = TILE_WIDTH * index;
  const rows = await clientOf(db)<{ leaf: Buffer }[]>`
    select event.leaf from audit_leaves leaf join audit_events event on event.id = leaf.event_id
    where leaf.log_id = ${logId} and leaf.leaf_index >= ${first} and leaf.leaf_index < ${first + width}
    order by leaf.leaf_index`;
  if (rows.length === width) return rows.map(({ leaf }) => leaf);
  throw new Error(`entries ${first} to ${first + width} of the audit log ${logId} are not whole`);
}

/** How many full tiles of each level are stored, from level 0 on. They are stored in order. */
export async function countTiles(tx: Transaction, logId: string, levels: number): Promise<number[]> {
  const rows = await clientOf(tx)<{ count: string }[]>`
    select coalesce((
      select tile_index + 1 from audit_tiles where log_id = ${logId} and level = wanted.level
      order by tile_index desc limit 1
    ), 0) as count
    from generate_series(0, ${levels - 1}::int) as series (n) cross join lateral (select n::smallint as level) as wanted
    order by wanted.level`;
  return rows.map(({ count }) => Number(count));
}

/** The hashes of the tiles [first, end) of level 0, from the leaves; each is whole. */
export async function selectLeafTiles(tx: Transaction, logId: string, first: number, end: number): Promise<Buffer[]> {
  const rows = await clientOf(tx)<{ hashes: Buffer }[]>`
    select string_agg(hash, ''::bytea order by leaf_index) as hashes from audit_leaves
    where log_id = ${logId} and leaf_index >= ${first * TILE_WIDTH} and leaf_index < ${end * TILE_WIDTH}
    group by leaf_index / 256 order by leaf_index / 256`;
  return rows.map(({ hashes }) => hashes);
}

/** The hashes of the tiles [first, end) of a level above 0, from the roots of those below; each is whole. */
export async function selectUpperTiles(
  tx: Transaction,
  logId: string,
  level: number,
  first: number,
  end: number,
): Promise<Buffer[]> {
  const rows = await clientOf(tx)<{ hashes: Buffer }[]>`
    select string_agg(root, ''::bytea order by tile_index) as hashes from audit_tiles
    where log_id = ${logId} and level = ${level - 1} and tile_index >= ${first * TILE_WIDTH}
      and tile_index < ${end * TILE_WIDTH}
    group by tile_index / 256 order by tile_index / 256`;
  return rows.map(({ hashes }) => hashes);
}

/** Bytes travel as hex: the driver sends no arrays of them. */
export async function insertTiles(tx: Transaction, logId: string, tiles: readonly FullTile[]): Promise<void> {
  await clientOf(tx)`
    insert into audit_tiles (log_id, level, tile_index, hashes, root)
    select ${logId}, level, tile_index, decode(hashes, 'hex'), decode(root, 'hex')
    from unnest(
      ${tiles.map(({ level }) => level)}::smallint[],
      ${tiles.map(({ index }) => index)}::bigint[],
      ${tiles.map(({ hashes }) => hashes.toString('hex'))}::text[],
      ${tiles.map(({ root }) => root.toString('hex'))}::text[]
    ) as tile (level, tile_index, hashes, root)`;
}
