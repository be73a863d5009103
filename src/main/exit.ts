import { StartupError } from '../lib/startup-error.ts';

/** Ends the process after a failed start: one line if the operator can mend it, the full story if it is our fault. */
export async function runToExit(work: Promise<void>): Promise<never> {
  try {
    await work;
    process.exit(0);
  } catch (error) {
    process.stderr.write(error instanceof StartupError ? `tooken: ${error.message}\n` : `${describeCrash(error)}\n`);
    process.exit(1);
  }
}

/** Without the message: a failed query's quotes its parameters. */
function describeCrash(error: unknown): string {
  if (!(error instanceof Error)) return 'tooken: failed unexpectedly';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const cause = error.cause instanceof Error ? `\n  caused by ${describeCrash(error.cause)}` : '';
  return [`tooken: failed unexpectedly: ${error.constructor.name}`, ...frames].join('\n') + cause;
}

/** Nobody reads any more, as after a closed terminal: that is no reason to end before what is under way is finished. */
export function ignoreLostOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}
