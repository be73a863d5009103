/**
 * Keeps work in threads of its own from slowing down what the process does for others. While its event loop is busy, which
 * with us means that it answers introspections, the next piece of such work waits for seven times as long as this one took.
 * An idle process does one after the other.
 */
export function watchLoop(): () => number {
  const before = performance.eventLoopUtilization();
  return () => {
    const { utilization, active, idle } = performance.eventLoopUtilization(before);
    return utilization < BUSY ? 0 : Math.min((active + idle) * REST, MAX_REST_MS);
  };
}

const BUSY = 0.5;
const REST = 7;
/** On a machine that has too much to do already, work takes long and says little about how much it takes from others. */
const MAX_REST_MS = 120;
