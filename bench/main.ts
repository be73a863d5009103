/** `npm run bench`: measures Tooken against what it could at best be, and prints tables of ratios. */
import { auditBench } from './audit.ts';
import { introspectionBench } from './introspection.ts';
import { issuingBench } from './issuing.ts';
import { memoryBench } from './memory.ts';
import { missesBench } from './misses.ts';
import { pagesBench } from './pages.ts';
import { recordedBench } from './recorded.ts';
import { revokeBench } from './revoke.ts';
import { scaleBench } from './scale.ts';
import { signInBench } from './sign-in.ts';
import { startUpBench } from './start-up.ts';
import { readArguments } from './support/arguments.ts';
import type { Bench } from './support/bench.ts';
import { buildIfStale } from './support/build.ts';
import { startCluster } from './support/cluster.ts';
import { describeMachine } from './support/machine.ts';
import { progress, type Report, renderRun } from './support/report.ts';

const BENCHES: readonly Bench[] = [
  introspectionBench,
  missesBench,
  recordedBench,
  issuingBench,
  revokeBench,
  scaleBench,
  auditBench,
  pagesBench,
  signInBench,
  memoryBench,
  startUpBench,
];

const HELP = `Usage: npm run bench -- [benchmark …] [options]

Benchmarks, all of them unless some are named:
${BENCHES.map(({ name, about }) => `  ${name.padEnd(14)} ${about}`).join('\n')}

Options:
  --quick          shorter rounds, 100,000 rows instead of a million
  --large          ten million rows: some 50 GB, and probably more than an hour
  --json           the result as JSON
  --profile <dir>  leave CPU profiles of the services there
  -h, --help       this text
`;

async function main(): Promise<void> {
  const names = BENCHES.map(({ name }) => name);
  const { isHelp, isJson, names: wanted, ...options } = readArguments(process.argv.slice(2), names);
  if (isHelp) return void process.stdout.write(HELP);
  const machine = describeMachine();
  buildIfStale();
  const cluster = await startCluster();
  // The server is in a session of its own, which Ctrl-C in a terminal does not reach. The signal may come twice: from the
  // terminal and from whoever runs this.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => void cluster.stop().finally(() => process.exit(1)));
  }
  const reports: Report[] = [];
  try {
    for (const bench of BENCHES.filter(({ name }) => wanted.includes(name))) {
      progress(`${bench.name}: ${bench.about}`);
      reports.push(await bench.run({ ...options, cluster }));
    }
  } finally {
    await cluster.stop();
  }
  const result = isJson
    ? JSON.stringify({ machine, postgres: cluster.version, reports }, null, 2)
    : renderRun(reports, machine, cluster.version);
  process.stdout.write(`${result}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
