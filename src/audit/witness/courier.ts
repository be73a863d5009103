import type { Witness } from '../../config/witnesses.ts';
import type { Database } from '../../db/connection.ts';
import { createAlarm } from '../../lib/alarm.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { WitnessReadings } from '../../telemetry/metrics-readings.ts';
import { createTally } from '../../telemetry/tally.ts';
import type { StoredCheckpoint } from '../checkpoints/checkpoint-store.ts';
import type { Problem } from './answer.ts';
import { openChannel } from './channel.ts';
import { insertCosignature } from './cosignature-store.ts';
import { createPatience } from './patience.ts';
import { type Outcome, submit } from './submit.ts';

/** Takes checkpoints to one witness, and keeps what it says of them. */
export interface Courier {
  readonly witness: Witness;
  /**
   * Resolves when the witness was asked about this checkpoint or a newer one of its log, or is to be left alone now. Of
   * those that come while one is under way only the newest is taken.
   */
  offer(checkpoint: StoredCheckpoint): Promise<void>;
  /** Whether it could not be reached the last time. */
  isAway(): boolean;
  read(): WitnessReadings;
  /** Gives what is under way so long to end. */
  stop(graceMs: number): Promise<void>;
}

export interface CourierOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly witness: Witness;
  /** The witness has seen what this database does not have. */
  onDivergence(checkpoint: StoredCheckpoint, reason: string): void;
  /** How long the witness may take for an answer. */
  readonly deadlineMs: number;
}

/** So many logs at once. */
const MOST_AT_ONCE = 4;

/** Of the witness, not of one log. */
const OUTAGES: ReadonlySet<Problem> = new Set(['unreachable', 'timed_out', 'unavailable']);
const OUTAGE_PAUSES = { firstMs: 1_000, mostMs: 5 * 60_000 };
/** What is amiss with one log is for people to put right. */
const REFUSAL_PAUSES = { firstMs: 15_000, mostMs: 3_600_000 };

/** Checkpoints of one log, one after the other. */
interface Lane {
  /** The newest that was offered, under way or to come. */
  newest: StoredCheckpoint;
  next: StoredCheckpoint | undefined;
  done: Promise<void>;
}

export function createCourier(options: CourierOptions): Courier {
  const { db, clock, logger, witness, onDivergence, deadlineMs } = options;
  const channel = openChannel(witness.url, { deadlineMs, maxConnections: MOST_AT_ONCE });
  const outage = createPatience({ clock, ...OUTAGE_PAUSES });
  const refusals = createPatience({ clock, ...REFUSAL_PAUSES });
  const outcomes = createTally<Outcome['kind']>(['cosigned', 'superseded', 'diverged', 'failed']);
  const lanes = new Map<string, Lane>();
  const takeTurn = createTurns(MOST_AT_ONCE);
  let lastCosignedAt: Date | undefined;
  let isStopping = false;

  const isWelcome = (logId: string) => !isStopping && outage.isOver(witness.url) && refusals.isOver(logId);

  async function run(logId: string, lane: Lane): Promise<void> {
    while (lane.next !== undefined) {
      // The newest when its turn comes; those before it are not asked about any more.
      await takeTurn(async () => {
        const checkpoint = lane.next;
        lane.next = undefined;
        if (checkpoint !== undefined && isWelcome(logId)) await take(checkpoint);
      });
    }
    lanes.delete(logId);
  }

  async function take(checkpoint: StoredCheckpoint): Promise<void> {
    try {
      await settle(checkpoint, await submit({ db, clock, witness, channel }, checkpoint));
    } catch (error) {
      // The database is away; whatever the witness has said, it will say again.
      if (!isStopping) report(checkpoint, refusals.failed(checkpoint.logId), { err: error });
    }
  }

  async function settle(checkpoint: StoredCheckpoint, outcome: Outcome): Promise<void> {
    if (isStopping && outcome.kind === 'failed') return;
    outcomes.add(outcome.kind);
    if (outcome.kind === 'failed') return putOff(checkpoint, outcome.problem);
    outage.succeeded(witness.url);
    if (outcome.kind === 'diverged') {
      onDivergence(checkpoint, outcome.reason);
      return;
    }
    if (outcome.kind === 'cosigned') {
      lastCosignedAt = clock.now();
      const cosignature = { witness: witness.key.name, line: outcome.line };
      // By itself, in no transaction. A crash before it loses a line that the sweep asks for again.
      await insertCosignature(db, checkpoint, cosignature, lastCosignedAt);
    }
    refusals.succeeded(checkpoint.logId);
  }

  function putOff(checkpoint: StoredCheckpoint, problem: Problem): void {
    if (!OUTAGES.has(problem)) report(checkpoint, refusals.failed(checkpoint.logId), { problem });
    // Of several requests that meet the same outage one counts.
    else if (outage.isOver(witness.url)) report(checkpoint, outage.failed(witness.url), { problem });
  }

  /** Said at the first failure, then ever less often. */
  function report({ origin }: StoredCheckpoint, failures: number, what: Readonly<Record<string, unknown>>): void {
    if (!Number.isInteger(Math.log2(failures))) return;
    logger.log('warn', 'audit.witness_failed', { witness: witness.key.name, origin, failures, ...what });
  }

  return {
    witness,
    offer(checkpoint) {
      const { logId } = checkpoint;
      const lane = lanes.get(logId);
      if (lane !== undefined) {
        if (isNewer(checkpoint, lane.newest)) lane.newest = lane.next = checkpoint;
        return lane.done;
      }
      if (!isWelcome(logId)) return Promise.resolve();
      const opened: Lane = { newest: checkpoint, next: checkpoint, done: Promise.resolve() };
      lanes.set(logId, opened);
      opened.done = run(logId, opened);
      return opened.done;
    },
    isAway: () => outage.isTried(witness.url),
    read: () => ({ witness: witness.key.name, outcomes: outcomes.all(), lastCosignedAt }),
    async stop(graceMs) {
      isStopping = true;
      const ended = Promise.all([...lanes.values()].map(({ done }) => done));
      const alarm = createAlarm();
      void ended.then(() => alarm.ring());
      await alarm.sleep(graceMs);
      channel.close();
      await ended;
    },
  };
}

function isNewer(a: StoredCheckpoint, b: StoredCheckpoint): boolean {
  return a.generation > b.generation || (a.generation === b.generation && a.size > b.size);
}

/** Lets `most` pieces of work run at once, the others in the order they came. */
function createTurns(most: number): (work: () => Promise<void>) => Promise<void> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      await work();
    } finally {
      // The place goes to the next one, if there is one.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
