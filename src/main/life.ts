import type { Config, Environment } from '../config/config.ts';
import { StartupError } from '../lib/startup-error.ts';
import type { Signals } from './signals.ts';

/** What the life of a service hangs on. */
export interface Life {
  readonly env: Environment;
  readonly config: Config;
  readonly signals: Signals;
}

/** Waits for a start, unless the operator does not want to: what it has launched is stopped by the next one. */
export function startOrLeave<Result>(starting: Promise<Result>, { second }: Signals): Promise<Result> {
  const left = second.then((signal) => {
    throw new StartupError(`Interrupted by ${signal} before the start was complete.`);
  });
  return Promise.race([starting, left]);
}

/** What takes long during a start, for whoever watches it. */
export function printProgress(line: string): void {
  process.stderr.write(`${line}\n`);
}
