import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { summaryLine } from '../support/summary-reporter.ts';
import { type Outcome, STEPS, type Step } from './steps.ts';

// `npm run check [-- step…]`: all steps, or the named ones, two at a time; one line each, and the output of those that fail.

const { positionals } = parseArgs({ allowPositionals: true });
const root = join(import.meta.dirname, '../..');
const unknown = positionals.filter((name) => !STEPS.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(`No such step: ${unknown.join(', ')}. There are ${STEPS.map((step) => step.name).join(', ')}.`);
  process.exit(2);
}

const queue = STEPS.filter((step) => positionals.length === 0 || positionals.includes(step.name));
const failures: { step: Step; outcome: Outcome }[] = [];
const stepCount = queue.length;

async function work(): Promise<void> {
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
    const startedAt = performance.now();
    const outcome = await step.run(root);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${outcome.ok ? 'ok    ' : 'FAILED'}  ${step.name.padEnd(14)} ${step.what} (${seconds} s)`);
    if (!outcome.ok) failures.push({ step, outcome });
  }
}

await Promise.all([work(), work()]);
for (const { step, outcome } of failures) console.log(`\n── ${step.name}\n${outcome.output.trim()}`);
if (failures.length > 0) {
  console.log(`\n${summaryLine({ passed: stepCount - failures.length, failed: failures.length, skipped: 0 })}`);
  process.exitCode = 1;
}
