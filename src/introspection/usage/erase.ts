import type { Transaction } from '../../db/connection.ts';
import {
  eraseCountedSources,
  eraseLastUses,
  eraseSources,
  USAGE_ERASURE_BATCH,
  type UsageTraces,
} from './erase-store.ts';

export interface ErasedUsage {
  readonly rows: number;
  readonly hasMore: boolean;
}

/** Erases a batch of what usage keeps of a subject. How often tokens were used stays known; from where does not. */
export async function eraseUsage(tx: Transaction, traces: UsageTraces): Promise<ErasedUsage> {
  const rows = [await eraseLastUses(tx, traces), await eraseSources(tx, traces), await eraseCountedSources(tx, traces)];
  return {
    rows: rows.reduce((sum, count) => sum + count, 0),
    hasMore: rows.some((count) => count >= USAGE_ERASURE_BATCH),
  };
}
