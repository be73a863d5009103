import type { Transaction } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { type SignerDeps, type Signing, signLog } from './checkpoint-signer.ts';
import { type StoredCheckpoint, selectLogState } from './checkpoint-store.ts';
import { nameOfLog } from './log-name.ts';
import { type Reopening, reopenLog } from './reopen.ts';
import { createSignedCheckpoints, type SignedCheckpoints } from './signed-checkpoints.ts';

/** The checkpoints of all logs. What is given out is stored, signed by the log, and is the largest of it then. */
export interface Checkpoints extends SignedCheckpoints {
  /** Undefined until the log has its first; also of a log that is halted. */
  latest(logId: string): Promise<StoredCheckpoint | undefined>;
  /**
   * One that covers the first `size` leaves, which the log must have: signed now, unless there is one.
   *
   * @throws ServiceError `unavailable` if the log is halted; its message says why
   */
  covering(logId: string, size: number): Promise<StoredCheckpoint>;
  /**
   * Signs for what the log has, in the background, and gives the largest there is then. Undefined if it is to be tried
   * again later: another process is at it, or, unless `isLast`, there was one within the last second.
   */
  publish(logId: string, options?: { readonly isLast?: boolean }): Promise<StoredCheckpoint | undefined>;
  /** Asks the guards again, one of which has something new to say: if it speaks against signing, the log is halted. */
  review(logId: string): Promise<void>;
  /**
   * Lets a halted log begin its next generation; takes the log's lock.
   *
   * @throws ServiceError `conflict` if it is not halted
   */
  reopen(tx: Transaction, logId: string): Promise<Reopening>;
  /** Whether no more are signed for the log. */
  isHalted(logId: string): Promise<boolean>;
  /** Tells of each checkpoint that this process has stored, once it is committed. */
  onStored(listener: (stored: StoredCheckpoint) => void): void;
}

export interface CheckpointOptions extends SignerDeps {
  readonly logger: Logger;
}

/** A log that grows all the time gets a checkpoint so often, unless somebody asks for one. */
export const CHECKPOINT_INTERVAL_MS = 1_000;

export function createCheckpoints(options: CheckpointOptions): Checkpoints {
  const { db, clock, logger } = options;
  const signed = createSignedCheckpoints(options);
  const listeners: ((stored: StoredCheckpoint) => void)[] = [];
  const underWay = new Map<string, Promise<Signing>>();

  async function sign(logId: string, wait: boolean): Promise<Signing> {
    const signing = await signLog(options, logId, { wait });
    if (signing.kind === 'signed') for (const listener of listeners) listener(signing.stored);
    if (signing.kind === 'refused') {
      logger.log('error', 'audit.log_halted', { log: nameOfLog(logId), reason: signing.reason });
    }
    return signing;
  }

  /** Who asks while a signature is under way waits for it: one of them at most is waiting for the lock. */
  function signTogether(logId: string): Promise<Signing> {
    const running = underWay.get(logId);
    if (running !== undefined) return running;
    const signing = sign(logId, true).finally(() => underWay.delete(logId));
    underWay.set(logId, signing);
    return signing;
  }

  /** By the clock of whoever made it, so it may lie ahead of ours. */
  function isRecent({ createdAt }: StoredCheckpoint): boolean {
    return Math.abs(clock.now().getTime() - createdAt.getTime()) < CHECKPOINT_INTERVAL_MS;
  }

  return {
    ...signed,
    async covering(logId, size) {
      const latest = await signed.latest(logId);
      if (latest !== undefined && latest.size >= size) return latest;
      // The first may have been under way before the log had so many leaves; the second was begun after.
      for (const attempt of [signTogether, signTogether]) {
        const signing = await attempt(logId);
        if ('reason' in signing) throw halted(signing.reason);
        if ('stored' in signing && signing.stored.size >= size) return signing.stored;
      }
      throw new RangeError(`the audit log ${logId} has fewer than ${size} leaves`);
    },
    async publish(logId, { isLast = false } = {}) {
      const latest = await signed.latest(logId);
      if (!isLast && latest !== undefined && isRecent(latest)) return undefined;
      const signing = await sign(logId, false);
      if (signing.kind === 'busy') return undefined;
      return 'stored' in signing ? signing.stored : latest;
    },
    async review(logId) {
      await sign(logId, true);
    },
    isHalted: async (logId) => (await selectLogState(db, logId))?.haltReason != null,
    reopen: (tx, logId) => reopenLog(options, tx, logId),
    onStored: (listener) => void listeners.push(listener),
  };
}

/** The note as it is served: with the witnesses' lines. */
export function servedNote({ note, cosignatures }: StoredCheckpoint): string {
  return note + cosignatures.map((line) => `${line}\n`).join('');
}

function halted(reason: string): ServiceError {
  return new ServiceError('unavailable', { message: `Nothing more is signed for this audit log. ${reason}` });
}
