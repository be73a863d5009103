import type { Sha256 } from './hash.ts';
import { TILE_WIDTH } from './tile.ts';
import { type CompactRange, createCompactRange } from './tree.ts';

/**
 * The tree that the lines of an export make, line by line. The tile that lines are in is kept apart until it ends, so that
 * its hash can be told, and is then taken into the whole by that: each node is hashed once.
 */
export interface ExportTree {
  /** The leaf that comes next. */
  readonly next: number;
  /** The first leaf of the tile at hand, or of the export. */
  readonly tileBegin: number;
  append(leafHash: Uint8Array): void;
  /** Throws a RangeError if the hashes are not as many as these leaves have. */
  appendRange(hashes: readonly Uint8Array[], end: number): void;
  /** The tile that has just ended, if it begins in the export and not all of it came as one range. */
  endedTile(): EndedTile | undefined;
  /** Of all leaves so far, and of those of `tail`. */
  root(tail?: Tail): Uint8Array;
}

export interface EndedTile {
  readonly first: number;
  readonly end: number;
  readonly hash: Uint8Array;
}

export interface Tail {
  /** In place of the leaves of the tile at hand. */
  readonly instead?: readonly Uint8Array[];
  /** The compact range from there to before `end`. */
  readonly after: readonly Uint8Array[];
  readonly end: number;
}

/** `before` is the compact range of the leaves below `first`; throws a RangeError if it cannot be. */
export function createExportTree(sha256: Sha256, before: readonly Uint8Array[], first: number): ExportTree {
  const whole = createCompactRange(sha256);
  whole.appendRange(before, first);
  let tile = createCompactRange(sha256, first);
  let ended: EndedTile | undefined;

  function append(add: (range: CompactRange) => void): void {
    ended = undefined;
    const from = tile.end;
    add(tile);
    if (tile.end % TILE_WIDTH !== 0) return;
    const { begin, end } = tile;
    const [hash] = tile.hashes();
    const cameInParts = from > begin;
    if (end - begin === TILE_WIDTH && cameInParts && hash !== undefined) ended = { first: begin, end, hash };
    whole.appendRange(tile.hashes(), end);
    tile = createCompactRange(sha256, end);
  }

  return {
    get next() {
      return tile.end;
    },
    get tileBegin() {
      return tile.begin;
    },
    append: (leafHash) => append((range) => range.append(leafHash)),
    appendRange: (hashes, end) => append((range) => range.appendRange(hashes, end)),
    endedTile: () => ended,
    root(tail) {
      const all = createCompactRange(sha256);
      all.appendRange(whole.hashes(), whole.end);
      if (tail?.instead === undefined) all.appendRange(tile.hashes(), tile.end);
      else for (const hash of tail.instead) all.append(hash);
      if (tail !== undefined) all.appendRange(tail.after, tail.end);
      return all.root();
    },
  };
}
