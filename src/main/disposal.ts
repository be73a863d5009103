import type { Context } from '../context.ts';

/** What is still in memory then is given up: a database that went silent must not keep the process for ever. */
export const DISPOSAL_DEADLINE_MS = 15_000;

export async function dispose(context: Context): Promise<void> {
  const deadline = setTimeout(() => {
    context.logger.log('error', 'service.stop_overdue');
    process.exit(1);
  }, DISPOSAL_DEADLINE_MS);
  await context[Symbol.asyncDispose]();
  clearTimeout(deadline);
}
