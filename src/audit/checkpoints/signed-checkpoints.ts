import type { Database } from '../../db/connection.ts';
import { isSignedBy } from './checkpoint-signature.ts';
import { type StoredCheckpoint, selectCheckpoints } from './checkpoint-store.ts';
import type { LogKeys, PublicLogKey } from './log-key.ts';

/** Reads checkpoints as they may be shown to others: such as the log's own key has signed. Rows that are none are passed over. */
export interface SignedCheckpoints {
  /** The largest of the log's present generation. */
  latest(logId: string): Promise<StoredCheckpoint | undefined>;
  /** Whether one of the log, of the present generation or one before, has a size from `begin` on and below `end`. */
  hasBetween(logId: string, range: { readonly begin: number; readonly end: number }): Promise<boolean>;
}

/** So many answers are remembered. */
const MOST_ANSWERS = 10_000;
/** In characters. A checkpoint of ours has some hundreds. */
const LONGEST_ASKED = 2_000;
/** Rows are read in such pages when the first is not signed. */
const PAGE = 100;

export function createSignedCheckpoints({
  db,
  logKeys,
}: {
  readonly db: Database;
  readonly logKeys: LogKeys;
}): SignedCheckpoints {
  // By what was verified, so an answer is right as long as it is remembered.
  const answers = new Map<string, boolean>();

  function isSigned(stored: StoredCheckpoint, key: PublicLogKey): boolean {
    const asked = `${key.verifierKey}\n${stored.size}\n${stored.root.toString('hex')}\n${stored.note}`;
    const known = answers.get(asked);
    if (known !== undefined) return known;
    const answer = isSignedBy(key.verifier, stored);
    if (answers.size >= MOST_ANSWERS) answers.clear();
    // What somebody has put there can be large, and is looked at each time.
    if (asked.length <= LONGEST_ASKED) answers.set(asked, answer);
    return answer;
  }

  /** The largest below `end` that is signed, among those from `begin` on. */
  async function find(
    key: PublicLogKey,
    logId: string,
    { begin, end }: { readonly begin: number; readonly end: number },
  ): Promise<StoredCheckpoint | undefined> {
    let below = end;
    for (let limit = 1; ; limit = PAGE) {
      const page = await selectCheckpoints(db, logId, { generation: key.generation, begin, end: below, limit });
      const found = page.find((stored) => stored.origin === key.origin && isSigned(stored, key));
      if (found !== undefined || page.length < limit) return found;
      below = page.at(-1)?.size ?? begin;
    }
  }

  return {
    async latest(logId) {
      const [key] = await logKeys.own(db, logId);
      return key && (await find(key, logId, { begin: 0, end: Number.MAX_SAFE_INTEGER }));
    },
    async hasBetween(logId, range) {
      for (const key of await logKeys.own(db, logId)) {
        if ((await find(key, logId, range)) !== undefined) return true;
      }
      return false;
    },
  };
}
