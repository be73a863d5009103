import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';

// `npm run test:faults [-- --short] [-t name] [filter…]`: the fault runs, for minutes or, with --short, for seconds each;
// with a name, those tests alone that have it in theirs.

const { values, positionals } = parseArgs({
  options: { short: { type: 'boolean' }, name: { type: 'string', short: 't' } },
  allowPositionals: true,
});
const vitest = await startVitest('test', positionals, {
  run: true,
  project: 'faults',
  provide: { faultRun: values.short === true ? 'short' : 'long' },
  ...(values.name !== undefined && { testNamePattern: values.name }),
});
await vitest.close();

declare module 'vitest' {
  interface ProvidedContext {
    faultRun: 'short' | 'long';
  }
}
