import { setTimeout } from 'node:timers/promises';

/** Until it is another millisecond: times that are taken before and after tell the order of what was done. */
export async function nextMillisecond(): Promise<void> {
  const startMs = Date.now();
  while (Date.now() <= startMs) await setTimeout(1);
}
