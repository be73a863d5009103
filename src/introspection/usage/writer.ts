import type { DenialCount } from '../../audit/denials/table.ts';
import { append } from '../../audit/events/append.ts';
import { type Database, inTransaction } from '../../db/connection.ts';
import { databaseErrorCode, isDatabaseUnavailable } from '../../db/errors.ts';
import type { IdSource } from '../../lib/ids.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { createBatch } from './batch.ts';
import { denialsOf, noveltiesOf } from './events.ts';
import { type Counter, usesIn } from './tally.ts';
import { addTotals } from './totals-store.ts';
import { addCounts, claimBatch, insertFirstUses, insertSources, updateLastUses } from './write-store.ts';

/** Brings counters into the database, each exactly once as long as the process lives. */
export interface UsageWriter {
  add(counters: readonly Counter[]): void;
  /** Writes what it holds, and resolves to whether that was all: what cannot be written now is kept. Never rejects. */
  write(): Promise<boolean>;
  /** The uses that it holds. */
  held(): number;
}

export interface UsageWriterOptions extends IdSource {
  readonly db: Database;
  readonly logger: Logger;
  /** Hears of uses that were denied, once they are counted. */
  recordDenials(denials: readonly DenialCount[]): Promise<void>;
}

/** Preparing a batch keeps requests waiting: 5 µs a counter, and 150 for each that is news and becomes an event. */
const BATCH_SIZE = 250;

interface Part {
  readonly counters: readonly Counter[];
  /** Given at the first attempt, and kept: whether that had an effect may be unknown. */
  number: number | undefined;
}

export function createUsageWriter(options: UsageWriterOptions): UsageWriter {
  const { db, random, clock, logger, recordDenials } = options;
  const writerId = random.bytes(16).toString('hex');
  const parts: Part[] = [];
  let lastNumber = 0;
  let isFailing = false;

  async function writePart(part: Part): Promise<void> {
    lastNumber += part.number === undefined ? 1 : 0;
    part.number ??= lastNumber;
    const { number } = part;
    const batch = createBatch(part.counters);
    const now = clock.now();
    await inTransaction(db, async (tx) => {
      if (!(await claimBatch(tx, { writerId, number, now }))) return;
      const firstUses = await insertFirstUses(tx, batch.lastUses);
      await updateLastUses(tx, batch.lastUses);
      const newSources = await insertSources(tx, batch.sightings, now);
      await addCounts(tx, batch.counts);
      // Few rows that every replica wants: taken last, so that they are held for no longer than the commit takes.
      await addTotals(tx, batch.counts);
      await append(tx, options, noveltiesOf(batch, firstUses, newSources));
      // Commit point. If the answer is lost, the next attempt finds the number taken if this one had an effect.
    });
    await recordDenials(denialsOf(part.counters));
  }

  /** One that the database refuses must not hold up the others for ever, so they are tried apart. */
  function divide({ counters }: Part, error: unknown): Part[] {
    const middle = Math.ceil(counters.length / 2);
    const halves = [counters.slice(0, middle), counters.slice(middle)].filter((half) => half.length > 0);
    if (halves.length > 1) return halves.map((half) => ({ counters: half, number: undefined }));
    logger.log('error', 'usage.counts_lost', { count: usesIn(counters), err: error });
    return [];
  }

  function reportAbsence(error: unknown): void {
    if (!isFailing) logger.log('warn', 'usage.counts_kept', { err: error });
    isFailing = true;
  }

  return {
    add(counters) {
      for (let start = 0; start < counters.length; start += BATCH_SIZE)
        parts.push({ counters: counters.slice(start, start + BATCH_SIZE), number: undefined });
    },
    async write() {
      for (let [part] = parts; part !== undefined; [part] = parts) {
        try {
          await writePart(part);
          parts.shift();
          isFailing = false;
        } catch (error) {
          if (isWorthRetrying(error)) {
            reportAbsence(error);
            return false;
          }
          parts.splice(0, 1, ...divide(part, error));
        }
      }
      return true;
    },
    held: () => parts.reduce((sum, { counters }) => sum + usesIn(counters), 0),
  };
}

const DEADLOCK = '40P01';

function isWorthRetrying(error: unknown): boolean {
  return isDatabaseUnavailable(error) || databaseErrorCode(error) === DEADLOCK;
}
