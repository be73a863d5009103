import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';

// `npm run test:faults [-- --short] [filter…]`: the fault runs, for minutes or, with --short, for seconds each.

const { values, positionals } = parseArgs({ options: { short: { type: 'boolean' } }, allowPositionals: true });
const vitest = await startVitest('test', positionals, {
  run: true,
  project: 'faults',
  provide: { faultRun: values.short === true ? 'short' : 'long' },
});
await vitest.close();

declare module 'vitest' {
  interface ProvidedContext {
    faultRun: 'short' | 'long';
  }
}
