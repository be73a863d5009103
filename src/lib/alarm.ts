/** Lets one loop sleep until something happens. Rings that come while it is awake count as one. */
export interface Alarm {
  ring(): void;
  /** Resolves after `ms`, or at the next ring, or at once if it rang since the last sleep ended. */
  sleep(ms: number): Promise<void>;
}

/** The sleeper does not keep the process alive. */
export function createAlarm(): Alarm {
  let hasRung = false;
  let wakeUp = () => {};
  return {
    ring() {
      hasRung = true;
      wakeUp();
    },
    async sleep(ms) {
      if (!hasRung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms).unref();
          wakeUp = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      hasRung = false;
    },
  };
}
