import { concatBytes } from './base64.ts';
import { HASH_BYTES, type Sha256 } from './hash.ts';
import type { NodeReader } from './proof.ts';
import { isSize, parseSize } from './size.ts';
import { foldCompact, type NodeId } from './tree.ts';

/**
 * Tiles, c2sp.org/tlog-tiles: how the tree of a log is stored and served. A tile of level l holds up to 256 hashes, one
 * after the other: of level 0 those of leaves, of level l those of nodes of level 8 × l, each the root of a full tile
 * of the level below. What lies between is computed. A full tile never changes; a partial one, at the right edge, grows.
 *
 * A tree of 70,000 leaves has, of level 0, 273 full tiles and one of width 112; of level 1, one full tile and one of
 * width 17; of level 2, one of width 1. Their paths, after `tile/`:
 *
 *     0/000 … 0/272  0/273.p/112    1/000  1/001.p/17    2/000.p/1
 *
 * The index is written in groups of three digits, all but the last with an `x`: `0/x001/x234/067` is tile 1,234,067.
 * A bundle holds the entries of a tile of level 0, each after its length, a big-endian uint16; its path begins with
 * `entries` in place of the level: `entries/x001/x234/067`.
 */
export const TILE_HEIGHT = 8;
export const TILE_WIDTH = 256;

export interface TileId {
  readonly level: number;
  readonly index: number;
  /** How many hashes it holds: 256, or 1 to 255 if it is partial. */
  readonly width: number;
}

/** The entries under a tile of level 0. */
export interface BundleId {
  readonly level: 'entries';
  readonly index: number;
  readonly width: number;
}

/** Throws a RangeError for a tile that no tree has. */
export function formatTilePath(tile: TileId | BundleId): string {
  assertTile(tile);
  const groups = [String(tile.index % 1000).padStart(3, '0')];
  for (let rest = Math.floor(tile.index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`);
  }
  const path = `${tile.level}/${groups.join('/')}`;
  return tile.width === TILE_WIDTH ? path : `${path}.p/${tile.width}`;
}

/** Undefined unless `formatTilePath` makes this very text. */
export function parseTilePath(path: string): TileId | BundleId | undefined {
  const match = /^(entries|[0-9])((?:\/x[0-9]{3}){0,5}\/[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(path);
  if (match === null) return undefined;
  const [, level = '', groups = '', partial] = match;
  const index = Number(groups.replaceAll(/[x/]/g, ''));
  const width = partial === undefined ? TILE_WIDTH : (parseSize(partial) ?? 0);
  const tile = level === 'entries' ? ({ level, index, width } as const) : { level: Number(level), index, width };
  return isTile(tile) && formatTilePath(tile) === path ? tile : undefined;
}

/** The tile, of a tree of `size`, from which the node is computed. Throws a RangeError if the tree has no such node. */
export function tileOfNode(node: NodeId, size: number): TileId {
  if ((node.index + 1) * 2 ** node.level > size) {
    throw new RangeError(`a tree of ${size} leaves has no node ${node.level}/${node.index}`);
  }
  const level = Math.floor(node.level / TILE_HEIGHT);
  const index = Math.floor((node.index * nodeWidth(node)) / TILE_WIDTH);
  const count = Math.floor(size / TILE_WIDTH ** level);
  return { level, index, width: Math.min(TILE_WIDTH, count - index * TILE_WIDTH) };
}

/** The hash of a node that `tileOfNode` says is in this tile. Throws a RangeError if it is not, or for too few bytes. */
export function nodeFromTile(sha256: Sha256, tileBytes: Uint8Array, tile: TileId, node: NodeId): Uint8Array {
  const width = nodeWidth(node);
  const first = node.index * width - tile.index * TILE_WIDTH;
  const isInTile = Math.floor(node.level / TILE_HEIGHT) === tile.level && first >= 0 && first + width <= tile.width;
  if (!isInTile || tileBytes.length !== tile.width * HASH_BYTES) {
    throw new RangeError(`no node ${node.level}/${node.index} in ${tileBytes.length} bytes of ${formatTilePath(tile)}`);
  }
  let hashes = Array.from({ length: width }, (_, n) =>
    tileBytes.subarray((first + n) * HASH_BYTES, (first + n + 1) * HASH_BYTES),
  );
  // A perfect subtree: its hashes are joined in pairs, as those of a compact range at each level.
  while (hashes.length > 1) hashes = pairs(hashes).map((pair) => foldCompact(sha256, pair));
  return (hashes[0] ?? new Uint8Array()).slice();
}

/**
 * Reads nodes of a tree of `size` from its tiles, each tile once a call. It takes the tiles as they are: what comes out
 * is as true as they, and only a proof that is verified against a signed root says more.
 */
export function createTileReader(
  sha256: Sha256,
  size: number,
  readTiles: (tiles: readonly TileId[]) => Promise<readonly Uint8Array[]>,
): NodeReader {
  return async (nodes) => {
    const wanted = nodes.map((node) => ({ node, tile: tileOfNode(node, size) }));
    const tiles = new Map(wanted.map(({ tile }) => [formatTilePath(tile), tile]));
    const contents = await readTiles([...tiles.values()]);
    const bytesByPath = new Map([...tiles.keys()].map((path, n) => [path, contents[n] ?? new Uint8Array()]));
    return wanted.map(({ node, tile }) => {
      const bytes = bytesByPath.get(formatTilePath(tile)) ?? new Uint8Array();
      return nodeFromTile(sha256, bytes, tile, node);
    });
  };
}

const MAX_ENTRY_BYTES = 65_535;

/** An entry as it stands in a bundle, after its length. Throws a RangeError if that does not fit 16 bits. */
export function encodeEntry(entry: Uint8Array): Uint8Array {
  if (entry.length > MAX_ENTRY_BYTES) throw new RangeError(`an entry of ${entry.length} bytes`);
  return concatBytes(Uint8Array.of(entry.length >>> 8, entry.length & 0xff), entry);
}

/** How many hashes of its tile the node spans. */
function nodeWidth(node: NodeId): number {
  return 2 ** (node.level % TILE_HEIGHT);
}

function pairs(hashes: readonly Uint8Array[]): Uint8Array[][] {
  return Array.from({ length: hashes.length / 2 }, (_, n) => hashes.slice(2 * n, 2 * n + 2));
}

/** Whether there is a tree that has it: no size is beyond 2^53 - 1. */
function isTile({ level, index, width }: TileId | BundleId): boolean {
  if (!isSize(index) || !isSize(width) || width === 0 || width > TILE_WIDTH) return false;
  const depth = level === 'entries' ? 0 : level;
  return isSize(depth) && isSize((index * TILE_WIDTH + width) * TILE_WIDTH ** depth);
}

function assertTile(tile: TileId | BundleId): void {
  if (!isTile(tile)) throw new RangeError(`no tile ${tile.level}/${tile.index} of width ${tile.width}`);
}
