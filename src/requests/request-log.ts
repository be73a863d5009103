import { type Database, inTransaction } from '../db/connection.ts';
import { databaseErrorCode } from '../db/errors.ts';
import type { Caller } from '../identity/principal.ts';
import type { IdSource } from '../lib/ids.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type Answered, createRowSource } from './row.ts';
import { insertRows } from './write-store.ts';

/**
 * Notes in memory which management calls API keys and tokens make, and has them written once a second. A crash loses what that
 * second has brought, and no more.
 */
export interface RequestLog {
  /** Notes a call when its answer is known, or has begun. Costs the call some microseconds, and never fails. */
  note(caller: Caller, answered: Answered): void;
  /** Resolves when what was noted before is written, or cannot be now. */
  flush(): Promise<void>;
  read(): RequestLogReadings;
  /** Writes what is left. What cannot be written even then goes to the service's own log, as a number. */
  stop(): Promise<void>;
}

export interface RequestLogReadings {
  /** Calls that are not written yet. */
  readonly backlog: number;
  /** Calls that never will be. */
  readonly lost: number;
}

export interface RequestLogOptions extends IdSource {
  readonly db: Database;
  readonly logger: Logger;
  /** Whether there is a log at all. */
  readonly isKept: boolean;
}

const FLUSH_INTERVAL_MS = 1_000;
/** So many are written without waiting for the second to end. */
const BATCH_SIZE = 500;
/**
 * Some 400 bytes each, 1,300 at most: 8 MB, at most 26. While the database is away, the lease ends before much more can come:
 * a caller that cannot be recognised is not noted.
 */
const MAX_WAITING = 20_000;

export function createRequestLog({ db, clock, random, logger, isKept }: RequestLogOptions): RequestLog {
  const rowOf = createRowSource({ clock, random });
  /** In the order in which they came. Those of a batch that is under way are still among them, first. */
  const waiting: string[] = [];
  /** How many have ever come in, and how many of those are done with. */
  let taken = 0;
  let settled = 0;
  let lost = 0;
  let untold = 0;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<boolean> | undefined;
  let isFailing = false;
  let isStopped = false;

  function schedule(): void {
    if (isStopped || round !== undefined) return;
    if (waiting.length >= BATCH_SIZE && !isFailing) void writeRound();
    else timer ??= setTimeout(() => void writeRound(), FLUSH_INTERVAL_MS).unref();
  }

  /** Writes what waits now, batch by batch; resolves to whether that was all of it. One at a time. */
  function writeRound(): Promise<boolean> {
    clearTimeout(timer);
    timer = undefined;
    round ??= writeFirst(waiting.length).finally(() => {
      round = undefined;
      if (waiting.length > 0) schedule();
    });
    return round;
  }

  async function writeFirst(count: number): Promise<boolean> {
    for (let left = count; left > 0; left -= BATCH_SIZE) {
      if (!(await writeBatch(Math.min(left, BATCH_SIZE)))) return false;
    }
    tellLosses();
    return true;
  }

  /** If the answer is lost, the next attempt finds the ids of those rows taken that this one has written. */
  async function writeBatch(size: number): Promise<boolean> {
    try {
      await inTransaction(db, (tx) => insertRows(tx, waiting.slice(0, size)));
      isFailing = false;
      settle(size);
      return true;
    } catch (error) {
      if (!isRefusal(error)) {
        if (!isFailing) logger.log('warn', 'request_log.calls_kept', { err: error });
        isFailing = true;
        return false;
      }
      return await divide(size);
    }
  }

  /** One that the database refuses must not hold up the others for ever, so they are tried apart. */
  async function divide(size: number): Promise<boolean> {
    if (size === 1) {
      settle(1);
      lose(1);
      return true;
    }
    const half = Math.ceil(size / 2);
    return (await writeBatch(half)) && (await writeBatch(size - half));
  }

  function settle(count: number): void {
    waiting.splice(0, count);
    settled += count;
  }

  function lose(count: number): void {
    lost += count;
    untold += count;
  }

  function tellLosses(): void {
    if (untold > 0) logger.log('error', 'request_log.calls_lost', { count: untold });
    untold = 0;
  }

  return {
    note(caller, answered) {
      if (!isKept) return;
      const row = rowOf(caller, answered);
      if (row === undefined) return;
      if (waiting.length >= MAX_WAITING) return lose(1);
      waiting.push(row);
      taken += 1;
      schedule();
    },
    async flush() {
      const last = taken;
      while (settled < last && (await writeRound()));
    },
    read: () => ({ backlog: waiting.length, lost }),
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await round;
      await writeFirst(waiting.length);
      lose(waiting.length);
      settle(waiting.length);
      tellLosses();
    },
  };
}

/** Whether it is the rows that the database will not take: classes 22 data exception, 23 integrity constraint. */
function isRefusal(error: unknown): boolean {
  return /^2[23]...$/.test(databaseErrorCode(error) ?? '');
}
