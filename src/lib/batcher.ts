/**
 * Gathers calls into batches: those of one turn of the event loop go together, and while as many batches are under way
 * as may be, the next ones gather. Under load the batches grow and the work per call falls; without load nobody waits.
 */
export interface BatcherOptions<Item, Result> {
  readonly maxInFlight: number;
  readonly maxSize: number;
  /** Handles a batch; one outcome for each item, in order. A rejection is the outcome of all of them. */
  run(items: readonly Item[]): Promise<readonly Outcome<Result>[]>;
  /** Whether a rejection of `run` means that those still waiting have nothing to hope for either. Otherwise they go on. */
  isHopeless?(error: unknown): boolean;
}

export type Outcome<Result> =
  | { readonly ok: true; readonly value: Result }
  | { readonly ok: false; readonly error: unknown };

interface Waiter<Item, Result> {
  readonly item: Item;
  resolve(value: Result): void;
  reject(error: unknown): void;
}

export function createBatcher<Item, Result>(options: BatcherOptions<Item, Result>): (item: Item) => Promise<Result> {
  let waiting: Waiter<Item, Result>[] = [];
  let inFlight = 0;
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled || waiting.length === 0 || inFlight >= options.maxInFlight) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      const batch = waiting.slice(0, options.maxSize);
      waiting = waiting.slice(options.maxSize);
      inFlight += 1;
      void settle(batch).finally(() => {
        inFlight -= 1;
        schedule();
      });
      schedule();
    });
  }

  async function settle(batch: readonly Waiter<Item, Result>[]): Promise<void> {
    try {
      const outcomes = await options.run(batch.map(({ item }) => item));
      for (const [n, waiter] of batch.entries()) {
        const outcome = outcomes[n];
        if (outcome?.ok === true) waiter.resolve(outcome.value);
        else
          waiter.reject(outcome === undefined ? new Error('a batch without an outcome for each item') : outcome.error);
      }
    } catch (error) {
      const others = options.isHopeless?.(error) === true ? waiting.splice(0) : [];
      for (const waiter of [...batch, ...others]) waiter.reject(error);
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      schedule();
    });
}
