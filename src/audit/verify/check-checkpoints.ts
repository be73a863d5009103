import type { Database } from '../../db/connection.ts';
import { bytesEqual } from '../core/base64.ts';
import { openLogNote } from '../core/check-header.ts';
import { damageAt } from '../core/damage.ts';
import type { KeptCheckpoint } from '../core/kept-checkpoint.ts';
import { makeVerifierKey } from '../core/verifier-key.ts';
import { sha256, verifyEd25519 } from '../hashing.ts';
import { type CheckpointRow, selectCheckpoints } from './log-store.ts';

/** All checkpoints of a log in the order of their sizes: those in the database, and others that were kept. */
export interface CheckpointQueue {
  /** The next one, if its size is at most `size`; then it is off the queue. @throws DamageFound for one that is forged */
  takeUpTo(size: number): Promise<KeptCheckpoint | undefined>;
  /** How many came from the database. */
  readonly count: number;
}

/** `largest` is the size of the last one that is stored: what is added meanwhile is not looked at. */
export function createCheckpointQueue(
  db: Database,
  logId: string,
  largest: number,
  kept: readonly KeptCheckpoint[],
): CheckpointQueue {
  const others = [...kept].sort((a, b) => a.checkpoint.size - b.checkpoint.size);
  let page: KeptCheckpoint[] = [];
  let position = { size: -1, generation: 0 };
  let isLastPage = false;
  let count = 0;

  async function fill(): Promise<void> {
    if (page.length > 0 || isLastPage) return;
    const rows = await selectCheckpoints(db, logId, position, largest);
    const last = rows.at(-1);
    isLastPage = last === undefined;
    if (last !== undefined) position = { size: Number(last.size), generation: last.generation };
    page = rows.map(openRow);
  }

  return {
    async takeUpTo(size) {
      await fill();
      const [stored, other] = [page[0], others[0]];
      const isStored = stored !== undefined && (other === undefined || stored.checkpoint.size <= other.checkpoint.size);
      const next = isStored ? stored : other;
      if (next === undefined || next.checkpoint.size > size) return undefined;
      if (isStored) {
        page.shift();
        count += 1;
      } else {
        others.shift();
      }
      return next;
    },
    get count() {
      return count;
    },
  };
}

function openRow({ generation, size, root, note, origin, public_key: publicKey }: CheckpointRow): KeptCheckpoint {
  const label = `of ${size} leaves in the database`;
  if (origin === null || publicKey === null) {
    throw damageAt(null, 'unknown_key', `The key of generation ${generation} of the log is gone.`);
  }
  const key = makeVerifierKey(sha256, { name: origin, algorithm: 'ed25519', publicKey });
  const crypto = { sha256, verify: verifyEd25519 };
  const { checkpoint } = openLogNote(crypto, note, key, `The checkpoint ${label}`);
  if (checkpoint.size !== Number(size) || !bytesEqual(checkpoint.root, root)) {
    throw damageAt(null, 'bad_signature', `The checkpoint ${label} says something else in its row than in its note.`);
  }
  return { label, checkpoint };
}
