import type { VerifierKey } from '../core/verifier-key.ts';
import type { StoredCheckpoint } from './checkpoint-store.ts';

/** The log whose next checkpoint is about to be signed. */
export interface SigningLog {
  readonly logId: string;
  readonly origin: string;
  readonly generation: number;
  /** What its checkpoints of this generation are verified with. */
  readonly verifier: VerifierKey;
}

/** What the checkpoint would say. */
export interface TreeHead {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Buffer;
}

/**
 * Remembers outside of the database what has been signed, so that a database that was restored, or rewritten, is not
 * signed for once more. Asked under the lock of the log, for each checkpoint: it must be quick, and not go to a network.
 */
export interface SigningGuard {
  /** Called before the lock is taken, each time: here it may wait for others, for some seconds at most. */
  prepare?(logId: string): Promise<void>;
  /**
   * Why `next` must not be signed: whole sentences that say what is wrong; how to go on is added to them. They reach
   * callers, so they hold nothing internal. Undefined if nothing speaks against it. `last` is the last stored checkpoint of this generation; `rootAt` gives the root that the present
   * tree had at a size of at most `next.size`.
   */
  beforeSigning(
    log: SigningLog,
    next: TreeHead,
    last: StoredCheckpoint | undefined,
    rootAt: (size: number) => Promise<Buffer>,
  ): Promise<string | undefined>;
  /** The highest generation of the log that it remembers, by whichever database. */
  lastGeneration?(logId: string): Promise<number | undefined>;
  /** `signed` is about to be stored; it has not been served yet, and if the commit fails it never will be. */
  afterSigning?(signed: StoredCheckpoint): Promise<void>;
}
