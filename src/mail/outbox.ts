import type { Logger } from '../telemetry/logger.ts';
import { type Deliver, failureOf, isPermanent } from './delivery.ts';
import type { Mail } from './mail.ts';

/** Mails that wait for the mail server: bounded, in memory, and gone with the process. */
export interface Outbox {
  add(mail: Mail): void;
  stop(): Promise<void>;
}

export interface OutboxSettings {
  /**
   * Before each attempt. The first is there so that an answer is out before its mail costs anything: how long it took does
   * not tell whether there was one.
   */
  readonly pausesMs: readonly number[];
  /** How many are held at once, those under way included. */
  readonly maxHeld: number;
  /** How long `stop` waits for what is still there. */
  readonly stopMs: number;
}

const DEFAULTS: OutboxSettings = { pausesMs: [200, 5_000, 30_000, 120_000, 600_000], maxHeld: 1_000, stopMs: 5_000 };
const MAX_IN_FLIGHT = 2;

interface OutboxOptions extends Partial<OutboxSettings> {
  readonly deliver: Deliver;
  readonly logger: Logger;
}

/** A mail, and how often it has been tried. */
interface Held {
  readonly mail: Mail;
  readonly attempts: number;
}

export function createOutbox({ deliver, logger, ...settings }: OutboxOptions): Outbox {
  const { pausesMs, maxHeld, stopMs } = { ...DEFAULTS, ...settings };
  const paused = new Map<Held, NodeJS.Timeout>();
  const due: Held[] = [];
  const ending = new AbortController();
  let inFlight = 0;
  let refused = 0;
  let isStopping = false;
  let onIdle = () => {};

  const heldCount = () => paused.size + due.length + inFlight;

  function add(mail: Mail): void {
    if (!isStopping && heldCount() < maxHeld) {
      pause({ mail, attempts: 0 });
      return;
    }
    refused += 1;
    // The others are told of when there is room again.
    if (refused === 1) logger.log('warn', 'mail.refused', { mails: 1 });
  }

  function pause(held: Held): void {
    const makeDue = () => {
      paused.delete(held);
      due.push(held);
      work();
    };
    paused.set(held, setTimeout(makeDue, pausesMs[held.attempts]).unref());
  }

  function work(): void {
    while (inFlight < MAX_IN_FLIGHT) {
      const held = due.shift();
      if (held === undefined) break;
      inFlight += 1;
      void attempt(held).then(() => {
        inFlight -= 1;
        tellRefused();
        work();
      });
    }
    if (heldCount() === 0) onIdle();
  }

  /** Never rejects. */
  async function attempt({ mail, attempts }: Held): Promise<void> {
    try {
      await deliver(mail, ending.signal);
    } catch (error) {
      // What is lost at the end is counted in one.
      if (ending.signal.aborted) return;
      const failure = failureOf(error);
      const tried = attempts + 1;
      const isOver = isStopping || tried === pausesMs.length || isPermanent(failure);
      logger.log('warn', isOver ? 'mail.failed' : 'mail.delayed', { attempts: tried, ...failure });
      if (!isOver) pause({ mail, attempts: tried });
    }
  }

  function tellRefused(): void {
    if (refused > 1) logger.log('warn', 'mail.refused', { mails: refused - 1 });
    refused = 0;
  }

  async function stop(): Promise<void> {
    isStopping = true;
    for (const [held, timer] of paused) {
      clearTimeout(timer);
      due.push(held);
    }
    paused.clear();
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(resolve, stopMs);
      onIdle = () => {
        clearTimeout(deadline);
        resolve();
      };
      work();
    });
    const lost = heldCount();
    due.length = 0;
    ending.abort();
    if (lost > 0) logger.log('warn', 'mail.lost', { mails: lost });
  }

  return { add, stop };
}
