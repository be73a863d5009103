import type { Transaction } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import { lockLog } from '../sequencer/sequencer-store.ts';
import type { SignerDeps } from './checkpoint-signer.ts';
import { resumeLog, selectLogState } from './checkpoint-store.ts';
import type { PublicLogKey } from './log-key.ts';

/** A log that was halted and begins anew. */
export interface Reopening {
  /** Why it was halted. */
  readonly reason: string;
  /** Undefined if it had signed nothing yet. */
  readonly previous: PublicLogKey | undefined;
  readonly key: PublicLogKey;
}

/**
 * Begins the next generation of a halted log: a new key under a new origin, so that what it signs can never be taken for
 * a continuation of what was signed before. It counts on from the highest generation that is known here, in the database
 * or outside of it: an old database does not know of them all.
 *
 * @throws ServiceError `conflict` if the log is not halted
 */
export async function reopenLog(
  { logKeys, guards }: Pick<SignerDeps, 'logKeys' | 'guards'>,
  tx: Transaction,
  logId: string,
): Promise<Reopening> {
  await lockLog(tx, logId, { wait: true });
  const reason = (await selectLogState(tx, logId))?.haltReason ?? undefined;
  if (reason === undefined) {
    const message =
      'The log is not halted: its checkpoints are signed as they should be, and there is nothing to reopen.';
    throw new ServiceError('conflict', { message });
  }
  const [previous] = await logKeys.own(tx, logId);
  // Also one that is none of ours: the next has to come after it.
  let last = (await logKeys.find(tx, logId))?.generation ?? 0;
  for (const guard of guards) last = Math.max(last, (await guard.lastGeneration?.(logId)) ?? 0);
  const key = await logKeys.make(tx, logId, last + 1);
  await resumeLog(tx, logId);
  return { reason, previous, key };
}
