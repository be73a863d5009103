import type { Bench, Setting } from './support/bench.ts';
import { run } from './support/processes.ts';
import { number, progress, type Report, spread } from './support/report.ts';
import { scratchDirectory } from './support/scratch.ts';
import { freePort, MAIN, untilAnswered } from './support/service.ts';
import { summarise } from './support/statistics.ts';

/** How long a person, or an orchestrator, waits for a service that was started. */
export const startUpBench: Bench = {
  name: 'start-up',
  about: 'time from the start of the service to its first answer, embedded database included',
  run: measureStartUp,
};

const NPM = ['npm', 'start', '--silent'];
const NODE = [process.execPath, MAIN];

async function measureStartUp({ size }: Setting): Promise<Report> {
  const repetitions = size === 'quick' ? 5 : 9;
  const first: number[] = [];
  const again: number[] = [];
  const direct: number[] = [];
  for (let n = 0; n < repetitions; n += 1) {
    const dataDir = scratchDirectory();
    first.push(await timeStart(NPM, dataDir));
    again.push(await timeStart(NPM, dataDir));
    direct.push(await timeStart(NODE, dataDir));
    progress(`  first run ${number(first.at(-1) ?? 0)} s, database exists ${number(again.at(-1) ?? 0)} s`);
  }
  const row = (name: string, seconds: readonly number[]) => [name, spread(summarise(seconds))];
  return {
    title: 'Start-up',
    notes: [
      `From starting the command to the first 200 of \`/readyz\`, asked every 5 ms, ${repetitions} times each. A first ` +
        'run makes the master key, the database cluster, the schema and the first API key.',
    ],
    columns: ['command', 'seconds'],
    rows: [
      row('`npm start`, first run', first),
      row('`npm start`, database exists', again),
      row('`node dist/main.js`, database exists', direct),
    ],
    goals: [
      { what: 'first run', value: summarise(first).median, reach: 4, unit: ' s', better: 'lower' },
      { what: 'database exists', value: summarise(again).median, reach: 1.5, unit: ' s', better: 'lower' },
    ],
  };
}

/** Seconds from the start of `command` to its first answer. Ends it again. */
async function timeStart(command: readonly string[], dataDir: string): Promise<number> {
  const port = await freePort();
  const env = { NODE_ENV: 'production', PORT: String(port), TOOKEN_DATA_DIR: dataDir, LOG_LEVEL: 'warn' };
  const start = performance.now();
  const { child, stop } = run(command, { stdio: ['ignore', 'ignore', 'inherit'], env, isGroup: true });
  try {
    return ((await untilAnswered(`http://127.0.0.1:${port}/readyz`, child)) - start) / 1000;
  } finally {
    await stop();
  }
}
