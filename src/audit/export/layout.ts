import { TILE_WIDTH } from '../core/tile.ts';
import type { LeafRange } from '../core/tree.ts';

/** What comes before, between and after the events of an export, so that every leaf of the range is accounted for. */
export type Filling =
  | { readonly kind: 'gap'; readonly range: LeafRange }
  /** All 256 leaves of this tile have passed. */
  | { readonly kind: 'tile'; readonly index: number };

export interface Layout {
  /** What comes before the event at `leafIndex`; `end` of the range for what comes after the last one. */
  fillTo(leafIndex: number): Filling[];
  /** The event at `leafIndex` has its line: what comes right after it. */
  pass(leafIndex: number): Filling[];
}

/**
 * Lays out an export of `range`. A gap lies within one tile, or is made of whole tiles; of each tile that lies in the
 * range and is not left out whole there is a tile line after its last leaf.
 */
export function createLayout(range: LeafRange): Layout {
  let next = range.begin;

  function gapTo(end: number): Filling[] {
    if (next >= end) return [];
    const gap = { kind: 'gap', range: { begin: next, end } } as const;
    next = end;
    return [gap];
  }

  function tileIfDone(): Filling[] {
    const index = next / TILE_WIDTH - 1;
    return Number.isInteger(index) && index * TILE_WIDTH >= range.begin ? [{ kind: 'tile', index }] : [];
  }

  return {
    fillTo(leafIndex) {
      const isInTile = next % TILE_WIDTH !== 0;
      const rest = isInTile ? gapTo(Math.min(leafIndex, Math.ceil(next / TILE_WIDTH) * TILE_WIDTH)) : [];
      const tile = rest.length > 0 ? tileIfDone() : [];
      return [...rest, ...tile, ...gapTo(leafIndex - (leafIndex % TILE_WIDTH)), ...gapTo(leafIndex)];
    },
    pass(leafIndex) {
      next = leafIndex + 1;
      return tileIfDone();
    },
  };
}
