import type { Database } from '../../db/connection.ts';
import { createAlarm } from '../../lib/alarm.ts';
import { type StoredCheckpoint, selectLatestCheckpoint } from '../checkpoints/checkpoint-store.ts';
import type { Checkpoints } from '../checkpoints/checkpoints.ts';
import type { SigningGuard } from '../checkpoints/signing-guard.ts';

type Origin = Pick<StoredCheckpoint, 'logId' | 'generation'>;

/**
 * Before a process first signs for a log it asks the witnesses what they have seen of it, by offering them the last
 * checkpoint that is stored. That is done before the lock is taken; under it only what they have said is looked up. Those
 * that do not answer in time do not hold anything up: they are asked again with whatever is stored next.
 */
export interface WitnessGuard extends SigningGuard {
  /** Nothing more may be signed under this origin. */
  refuse(log: Origin, reason: string): void;
  /** Called after each refusal. */
  onRefusal(listener: () => void): void;
  /** Has the logs stopped that were refused since the last time. */
  review(checkpoints: Pick<Checkpoints, 'review'>): Promise<void>;
}

export interface WitnessGuardOptions {
  readonly db: Database;
  /** Resolves when all witnesses were asked about the checkpoint. */
  readonly ask: (checkpoint: StoredCheckpoint) => Promise<unknown>;
  readonly askMs: number;
  /** There is nobody to ask. */
  readonly isIdle: boolean;
}

export function createWitnessGuard({ db, ask, askMs, isIdle }: WitnessGuardOptions): WitnessGuard {
  const asked = new Map<string, Promise<void>>();
  const refusals = new Map<string, string>();
  const unreviewed = new Set<string>();
  let announce = () => {};

  async function askInTime(checkpoint: StoredCheckpoint): Promise<void> {
    const alarm = createAlarm();
    void ask(checkpoint).then(() => alarm.ring());
    await alarm.sleep(askMs);
  }

  return {
    async prepare(logId) {
      if (isIdle) return;
      const last = await selectLatestCheckpoint(db, logId);
      // Of a log that has signed nothing nobody can have seen anything.
      if (last === undefined) return;
      const key = keyOf(last);
      const asking = asked.get(key) ?? askInTime(last);
      asked.set(key, asking);
      await asking;
    },
    async beforeSigning(log) {
      return refusals.get(keyOf(log));
    },
    async afterSigning(signed) {
      // Whoever has signed for a log once has asked before, or there was nothing to ask about.
      asked.set(keyOf(signed), Promise.resolve());
    },
    refuse(log, reason) {
      if (refusals.has(keyOf(log))) return;
      refusals.set(keyOf(log), reason);
      unreviewed.add(log.logId);
      announce();
    },
    onRefusal(listener) {
      announce = listener;
    },
    async review(checkpoints) {
      for (const logId of unreviewed) {
        await checkpoints.review(logId);
        unreviewed.delete(logId);
      }
    },
  };
}

const keyOf = ({ logId, generation }: Origin): string => `${logId}/${generation}`;
