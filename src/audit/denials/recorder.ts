import { type Database, inTransaction } from '../../db/connection.ts';
import { isDatabaseUnavailable } from '../../db/errors.ts';
import type { IdSource } from '../../lib/ids.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { append } from '../events/append.ts';
import type { NewEvent } from '../events/event.ts';
import { createDenialTable, type DenialCount } from './table.ts';

/**
 * Records denied calls and refused credentials without letting anybody flood the log: the first of a kind in a window is
 * written at once, repeats are counted and written as one event when the window ends.
 */
export interface DenialRecorder {
  /** Never throws. When it returns, the first of its kind is in the log, or counted if the database is away. */
  record(event: NewEvent): Promise<void>;
  /** The same for denials that were counted elsewhere. Those that are the first of their kind are written together. */
  recordCounts(counts: readonly DenialCount[]): Promise<void>;
  /** How many are counted and not written. */
  backlog(): number;
  /** Ends the window now: writes what was counted. */
  flush(): Promise<void>;
  /** The last flush, when no more calls come. A count that cannot be written even then goes to the service's own log. */
  stop(): Promise<void>;
}

export interface DenialRecorderOptions extends IdSource {
  readonly db: Database;
  readonly logger: Logger;
  readonly windowMs?: number;
  /** How many kinds are told apart in one window; a single log gets at most half of them. */
  readonly capacity?: number;
}

const FLUSH_BATCH = 100;

export function createDenialRecorder(options: DenialRecorderOptions): DenialRecorder {
  const { db, logger, clock, random, windowMs = 60_000, capacity = 1_000 } = options;
  const inFlight = new Set<Promise<void>>();
  let table = createDenialTable(capacity);
  let flushing: Promise<void> = Promise.resolve();
  let isAway = false;
  const timer = setInterval(() => void flush(), windowMs).unref();

  async function write(events: readonly NewEvent[]): Promise<void> {
    // Commit point. If the answer to the commit is lost, the events may be in the log and still be counted, and are told
    // again with the next flush: rather twice than never.
    await inTransaction(db, (tx) => append(tx, { clock, random }, events));
    isAway = false;
  }

  /** `counts` are what `events` stand for. */
  async function writeFirsts(events: readonly NewEvent[], counts: readonly DenialCount[]): Promise<void> {
    const writing = write(events).catch((error: unknown) => {
      // Into the table of now, which may be a newer one than that which called them the first.
      keep(counts, error);
    });
    inFlight.add(writing);
    await writing;
    inFlight.delete(writing);
  }

  /** The first of a kind claims its place before it is written: one that comes meanwhile is a repeat. */
  async function record(event: NewEvent): Promise<void> {
    const at = clock.now();
    const tally = { count: 1, firstAt: at, lastAt: at };
    if (!table.claim(event)) return table.add(event, tally);
    await writeFirsts([event], [{ event, ...tally }]);
  }

  async function recordCounts(counts: readonly DenialCount[]): Promise<void> {
    const firsts: DenialCount[] = [];
    for (const denial of counts) {
      const { event, ...tally } = denial;
      if (table.claim(event)) firsts.push(denial);
      else table.add(event, tally);
    }
    for (let start = 0; start < firsts.length; start += FLUSH_BATCH) {
      const batch = firsts.slice(start, start + FLUSH_BATCH);
      await writeFirsts(batch.map(aggregateEvent), batch);
    }
  }

  async function flushTable(): Promise<void> {
    const counts = table.counts();
    table = createDenialTable(capacity);
    let batchSize = FLUSH_BATCH;
    while (counts.length > 0) {
      const batch = counts.slice(0, batchSize);
      try {
        await write(batch.map(aggregateEvent));
        counts.splice(0, batchSize);
      } catch (error) {
        if (isDatabaseUnavailable(error)) return keep(counts, error);
        // One of them cannot be written at all; on its own it does not hold up the others for ever.
        if (batchSize === 1) reportLost(counts.splice(0, 1), error);
        batchSize = 1;
      }
    }
  }

  function keep(counts: readonly DenialCount[], error: unknown): void {
    for (const { event, ...tally } of counts) table.add(event, tally);
    if (!isAway) logger.log('warn', 'audit.denials_kept', { err: error, count: table.total() });
    isAway = true;
  }

  function reportLost(counts: readonly DenialCount[], error?: unknown): void {
    const count = counts.reduce((sum, one) => sum + one.count, 0);
    if (count > 0) logger.log('error', 'audit.denials_lost', { count, ...(error !== undefined && { err: error }) });
  }

  /** One after the other, so that the last one starts with what the one before it could not write. */
  function flush(): Promise<void> {
    flushing = flushing.then(flushTable);
    return flushing;
  }

  return {
    record,
    recordCounts,
    backlog: () => table.total(),
    flush,
    async stop() {
      clearInterval(timer);
      await Promise.all(inFlight);
      await flush();
      reportLost(table.counts());
    },
  };
}

/** A single one that could not be written in time is an event like any other, only later. */
function aggregateEvent({ event, count, firstAt, lastAt }: DenialCount): NewEvent {
  return { ...event, aggregate: { count, firstAt, lastAt } };
}
