import type { Command } from 'commander';
import { type Diagnosis, diagnose } from '../operator/doctor/diagnose.ts';
import { defineCommand } from './command.ts';
import { type CommandOptions, type Presentation, perform } from './perform.ts';
import { printable } from './text.ts';

export function registerDoctor(program: Command): void {
  defineCommand(program, 'doctor', {
    description:
      'Check the configuration, the master key, the database and the replicas, and say what to do. Changes nothing. Ends ' +
      'with 1 if there is a problem; warnings are none.',
    example: 'tooken doctor --json',
    needs: 'the environment of the service. It may run or not; what cannot be reached is a problem, and said.',
  }).action((options: CommandOptions) => perform(options, diagnose, presentation));
}

const presentation: Presentation<Diagnosis> = {
  json: (diagnosis) => diagnosis,
  text: ({ checks }) => checks.map(formatCheck).join(''),
  notes: ({ checks, left_out }) => [
    summarise(checks.map(({ level }) => level)),
    ...(left_out.length === 0 ? [] : [`Left out, since what they look at was not to be seen: ${left_out.join(', ')}.`]),
  ],
  ending: ({ level }) => (level === 'problem' ? 'failure' : 'ok'),
};

const LEVEL_WIDTH = 'problem  '.length;
const NAME_WIDTH = 'append-only records  '.length;

/** One line, and another one for what is to be done. */
function formatCheck({ level, check, found, advice }: Diagnosis['checks'][number]): string {
  const line = `${level.padEnd(LEVEL_WIDTH)}${check.padEnd(NAME_WIDTH)}${printable(found)}\n`;
  return advice === undefined ? line : `${line}${' '.repeat(LEVEL_WIDTH + NAME_WIDTH)}-> ${printable(advice)}\n`;
}

function summarise(levels: readonly string[]): string {
  const of = (wanted: string) => levels.filter((level) => level === wanted).length;
  const [problems, warnings] = [of('problem'), of('warning')];
  if (problems + warnings === 0) return 'All is well.';
  return `Problems: ${problems}. Warnings: ${warnings}.`;
}
