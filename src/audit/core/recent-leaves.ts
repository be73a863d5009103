import { TILE_WIDTH } from './tile.ts';

/** The hashes of the last leaves that were taken: of the tile at hand and the one before, at least. */
export interface RecentLeaves {
  remember(index: number, hash: Uint8Array): void;
  /** Undefined if it was never there, or is too long ago. */
  at(index: number): Uint8Array | undefined;
  /** Those of all leaves from `first` to before `end`, or undefined if one is not remembered. */
  between(first: number, end: number): Uint8Array[] | undefined;
}

const CAPACITY = 2 * TILE_WIDTH;

export function createRecentLeaves(): RecentLeaves {
  const slots: { readonly index: number; readonly hash: Uint8Array }[] = [];

  function at(index: number): Uint8Array | undefined {
    const slot = slots[index % CAPACITY];
    return slot?.index === index ? slot.hash : undefined;
  }

  return {
    remember(index, hash) {
      slots[index % CAPACITY] = { index, hash };
    },
    at,
    between(first, end) {
      const hashes: Uint8Array[] = [];
      for (let index = first; index < Math.min(end, first + CAPACITY); index += 1) {
        const hash = at(index);
        if (hash === undefined) return undefined;
        hashes.push(hash);
      }
      return hashes.length === end - first ? hashes : undefined;
    },
  };
}
