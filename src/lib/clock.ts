/** Where the time comes from. Everything that needs the time takes a `Clock`, so that a test can hold or move it. */
export interface Clock {
  /** Wall-clock time. */
  now(): Date;
  /** Milliseconds from an arbitrary start that never runs backwards: for measuring, never for dates. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};
