import { bytesEqual } from './base64.ts';
import type { ExportTree } from './export-tree.ts';
import type { KeptCheckpoint } from './kept-checkpoint.ts';

/** Compares kept checkpoints with a tree that grows, each when the tree has its size. */
export interface KeptRoots {
  compare(): void;
  /** The first that signs another root. */
  readonly contradicted: KeptCheckpoint | undefined;
  /** So many leaves are the same as when they were signed, or lie before the tree's own. */
  readonly agreedUpTo: number;
}

/** `onHidden` is called for one whose size the tree leaps over. */
export function createKeptRoots(
  tree: ExportTree,
  kept: readonly KeptCheckpoint[],
  onHidden: (kept: KeptCheckpoint) => void,
): KeptRoots {
  const waiting = [...kept].sort((a, b) => a.checkpoint.size - b.checkpoint.size);
  let contradicted: KeptCheckpoint | undefined;
  let agreedUpTo = tree.next;
  return {
    compare() {
      for (let one = waiting[0]; one !== undefined && one.checkpoint.size <= tree.next; one = waiting[0]) {
        waiting.shift();
        if (one.checkpoint.size < tree.next) onHidden(one);
        else if (!bytesEqual(tree.root(), one.checkpoint.root)) contradicted ??= one;
        else if (contradicted === undefined) agreedUpTo = tree.next;
      }
    },
    get contradicted() {
      return contradicted;
    },
    get agreedUpTo() {
      return agreedUpTo;
    },
  };
}
