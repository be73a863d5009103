import { ServiceError } from '../../lib/errors.ts';

/**
 * Lets work of which each piece is expensive happen a few at a time. What waits is bounded, and lanes take turns: whoever
 * fills one, as somebody who guesses from one address does, waits behind itself and not in front of all others.
 */
export interface Turns {
  /**
   * Runs `work` when it is its turn.
   *
   * @throws ServiceError `unavailable` when too many wait already; then `work` has not run
   */
  run<Result>(lane: string, work: () => Promise<Result>): Promise<Result>;
}

export interface TurnsOptions {
  readonly atOnce: number;
  readonly maxWaiting: number;
  /** Called when work begins. What it returns is called when that ends, and tells for how many ms the place stays empty. */
  readonly watch?: () => () => number;
}

interface Waiting {
  begin(): void;
  giveUp(): void;
}

export function createTurns({ atOnce, maxWaiting, watch = () => () => 0 }: TurnsOptions): Turns {
  /** In the order of their next turns. None of them is empty. */
  const lanes = new Map<string, Waiting[]>();
  let waiting = 0;
  let running = 0;

  function next(): Waiting | undefined {
    for (const [lane, queue] of lanes) {
      const first = queue.shift();
      lanes.delete(lane);
      if (queue.length > 0) lanes.set(lane, queue);
      waiting -= 1;
      return first;
    }
    return undefined;
  }

  /** Makes room by turning away the last one of the longest lane; that may be the one which asks. */
  function enqueue(lane: string, one: Waiting): void {
    const queue = lanes.get(lane) ?? [];
    queue.push(one);
    lanes.set(lane, queue);
    waiting += 1;
    if (waiting <= maxWaiting) return;
    let longest = queue;
    for (const other of lanes.values()) if (other.length > longest.length) longest = other;
    longest.pop()?.giveUp();
    if (queue.length === 0) lanes.delete(lane);
    waiting -= 1;
  }

  /** Resolves when it is the caller's turn, which {@link end} ends. */
  function begin(lane: string): Promise<void> {
    if (running < atOnce) {
      running += 1;
      return Promise.resolve();
    }
    return new Promise<void>((resolve, reject) => {
      const giveUp = () => {
        clearTimeout(timer);
        reject(new ServiceError('unavailable', { message: BUSY_MESSAGE, retryAfterSeconds: 2 }));
      };
      const begin = () => {
        clearTimeout(timer);
        resolve();
      };
      const one = { begin, giveUp };
      const timer = setTimeout(() => leave(lane, one), PATIENCE_MS);
      enqueue(lane, one);
    });
  }

  /** For who has waited so long that the answer would come too late. */
  function leave(lane: string, one: Waiting): void {
    const queue = lanes.get(lane);
    const place = queue?.indexOf(one) ?? -1;
    if (queue === undefined || place < 0) return;
    queue.splice(place, 1);
    if (queue.length === 0) lanes.delete(lane);
    waiting -= 1;
    one.giveUp();
  }

  /** Hands the turn on. */
  function end(): void {
    const one = next();
    if (one === undefined) running -= 1;
    else one.begin();
  }

  return {
    async run(lane, work) {
      await begin(lane);
      const restAfter = watch();
      try {
        return await work();
      } finally {
        const restMs = restAfter();
        if (restMs > 0) setTimeout(end, restMs);
        else end();
      }
    },
  };
}

/** Less than a request may take in all. */
const PATIENCE_MS = 18_000;

const BUSY_MESSAGE = 'Too many passwords are being checked at the moment. Retry shortly.';
