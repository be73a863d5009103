import { bytesEqual } from './base64.ts';
import { type DamageFound, damageAt, nameLeaves } from './damage.ts';
import type { ExportTile } from './export-format.ts';
import type { EndedTile } from './export-tree.ts';
import { findSwap } from './find-swap.ts';
import type { Sha256 } from './hash.ts';
import { hashFrom } from './read-line.ts';
import type { RecentLeaves } from './recent-leaves.ts';
import { createCompactRange } from './tree.ts';

/**
 * Compares tiles with the hashes that stand beside them. One that does not fit is either a changed hash or a changed leaf;
 * the root tells which, at the end. The first of them is where the fault is.
 */
export interface TileCheck {
  /** `shown` says of `ended` what it should be. @throws DamageFound if it is no hash */
  compare(shown: ExportTile, ended: EndedTile, line: number): void;
  /** What was found, once it is known whether the leaves make the signed tree. */
  suspicion(isSignedRoot: boolean): DamageFound | undefined;
}

export function createTileCheck(sha256: Sha256, recent: RecentLeaves): TileCheck {
  let suspect: { readonly leaves: EndedTile; readonly line: number; readonly swap: Swap } | undefined;

  function swapIn(tile: EndedTile, wanted: Uint8Array): Swap {
    const hashes = recent.between(tile.first, tile.end);
    const places = hashes && findSwap(hashes, (ordered) => bytesEqual(hashOf(ordered, tile.first), wanted));
    return places && [tile.first + places[0], tile.first + places[1]];
  }

  function hashOf(leafHashes: readonly Uint8Array[], first: number): Uint8Array {
    const range = createCompactRange(sha256, first);
    for (const hash of leafHashes) range.append(hash);
    return range.hashes()[0] ?? new Uint8Array();
  }

  return {
    compare({ hash: text }, ended, line) {
      const hash = hashFrom(text);
      if (hash === undefined) throw damageAt(line, 'damaged_line', 'The hash of a tile is none.', { leaves: ended });
      if (suspect === undefined && !bytesEqual(hash, ended.hash)) {
        suspect = { leaves: ended, line, swap: swapIn(ended, hash) };
      }
    },
    suspicion(isSignedRoot) {
      if (suspect === undefined) return undefined;
      const { line, swap } = suspect;
      const leaves = { first: suspect.leaves.first, end: suspect.leaves.end };
      if (isSignedRoot) {
        return damageAt(line, 'edited_tile', `The hash beside ${nameLeaves(leaves)} is not theirs.`, { leaves });
      }
      if (swap !== undefined) return swapped(swap);
      const found = `One of ${nameLeaves(leaves)} was changed together with its hash.`;
      return damageAt(line, 'edited_event', found, { leaves });
    },
  };
}

/** Two leaves. */
export type Swap = readonly [number, number] | undefined;

export function swapped([one, other]: readonly [number, number]): DamageFound {
  const found = `Leaves ${one} and ${other} stand in each other's place.`;
  return damageAt(null, 'reordered_record', found, { leaves: { first: one, end: other + 1 } });
}
