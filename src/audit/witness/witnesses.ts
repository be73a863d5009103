import type { Witness } from '../../config/witnesses.ts';
import type { Database } from '../../db/connection.ts';
import { createAlarm } from '../../lib/alarm.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { WitnessReadings } from '../../telemetry/metrics-readings.ts';
import type { StoredCheckpoint } from '../checkpoints/checkpoint-store.ts';
import type { Checkpoints } from '../checkpoints/checkpoints.ts';
import type { SigningGuard } from '../checkpoints/signing-guard.ts';
import { selectUncosigned } from './cosignature-store.ts';
import { type Courier, createCourier } from './courier.ts';
import { createWitnessGuard } from './witness-guard.ts';

/**
 * The witnesses of the configuration. What is stored is taken to each of them, and what they say is kept beside it; what
 * they have seen and this database has not stops the log.
 */
export interface Witnesses {
  /** For all that signs, from the start on. */
  readonly guard: SigningGuard;
  /** Begins to take them what `checkpoints` stores, and what is left over from other processes. */
  start(checkpoints: Pick<Checkpoints, 'onStored' | 'review'>): void;
  read(): WitnessReadings[];
  /** Gives what is under way a moment to end. */
  stop(): Promise<void>;
}

export interface WitnessOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly witnesses: readonly Witness[];
  readonly timing?: Partial<WitnessTiming>;
}

export interface WitnessTiming {
  /** How long a witness may take for an answer. */
  readonly deadlineMs: number;
  /** How long a process waits for them before it first signs for a log. */
  readonly askMs: number;
  /** How often it looks for what they have not cosigned, */
  readonly sweepMs: number;
  /** and how old that is at least: until then it is with the process that stored it. */
  readonly graceMs: number;
  /** How long an end waits for answers. */
  readonly stopMs: number;
}

const TIMING: WitnessTiming = { deadlineMs: 10_000, askMs: 4_000, sweepMs: 15_000, graceMs: 15_000, stopMs: 2_000 };
const PAGE = 100;

export function createWitnesses({ db, clock, logger, witnesses, timing }: WitnessOptions): Witnesses {
  const { deadlineMs, askMs, sweepMs, graceMs, stopMs } = { ...TIMING, ...timing };
  const onDivergence = (checkpoint: StoredCheckpoint, reason: string) => guard.refuse(checkpoint, reason);
  const couriers = witnesses.map((witness) => createCourier({ db, clock, logger, witness, onDivergence, deadlineMs }));
  const offerAll = (checkpoint: StoredCheckpoint) => Promise.all(couriers.map((courier) => courier.offer(checkpoint)));
  // Nobody waits for one that was away the last time; what it says when it is back is heard all the same.
  const ask = (checkpoint: StoredCheckpoint) =>
    Promise.all(
      couriers.map((courier) => (courier.isAway() ? void courier.offer(checkpoint) : courier.offer(checkpoint))),
    );
  const guard = createWitnessGuard({ db, ask, askMs, isIdle: witnesses.length === 0 });
  const stopping = createAlarm();
  let isStopping = false;
  let failures = 0;
  let sweeping: Promise<void> | undefined;

  async function run(checkpoints: Pick<Checkpoints, 'review'>): Promise<void> {
    for (;;) {
      await stopping.sleep(sweepMs);
      if (isStopping) return;
      try {
        await guard.review(checkpoints);
        for (const courier of couriers) await sweep(courier);
        failures = 0;
      } catch (error) {
        report(error);
      }
    }
  }

  async function sweep(courier: Courier): Promise<void> {
    const before = new Date(clock.now().getTime() - graceMs);
    let after: string | null = null;
    do {
      const page: StoredCheckpoint[] = await selectUncosigned(db, courier.witness.key.name, {
        before,
        after,
        limit: PAGE,
      });
      await Promise.all(page.map((checkpoint) => courier.offer(checkpoint)));
      after = page.length === PAGE ? (page.at(-1)?.logId ?? null) : null;
    } while (after !== null && !isStopping);
  }

  function report(error: unknown): void {
    failures += 1;
    if (Number.isInteger(Math.log2(failures)))
      logger.log('warn', 'audit.witness_sweep_failed', { err: error, failures });
  }

  return {
    guard,
    start(checkpoints) {
      if (witnesses.length === 0 || sweeping !== undefined) return;
      guard.onRefusal(() => void guard.review(checkpoints).catch(report));
      checkpoints.onStored((stored) => void offerAll(stored));
      sweeping = run(checkpoints);
    },
    read: () => couriers.map((courier) => courier.read()),
    async stop() {
      isStopping = true;
      stopping.ring();
      await Promise.all(couriers.map((courier) => courier.stop(stopMs)));
      await sweeping;
    },
  };
}
