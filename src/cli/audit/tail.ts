import { type Command, InvalidArgumentError } from 'commander';
import { MAX_LINES, type TailChoice, type TailedEvent, tailAuditLog } from '../../operator/audit-tail.ts';
import type { Session } from '../../operator/session.ts';
import { defineCommand, environmentOption, NEEDS_DATABASE, withWorkspace } from '../command.ts';
import { isClosedPipe, print, say } from '../output.ts';
import { type CommandOptions, performWithSession } from '../perform.ts';
import { escapeInvisible, formatTime, printable } from '../text.ts';
import { withFilters } from './filters.ts';

interface TailOptions extends CommandOptions, TailChoice {}

export function registerTail(audit: Command): void {
  const command = defineCommand(audit, 'tail', {
    summary: 'Follow an audit log.',
    description:
      'Follow the audit log of a workspace, or with --workspace installation that of the installation: one line for each ' +
      'event, with --json one JSON object. Goes on until it is interrupted.',
    example: 'tooken audit tail --action token.*,api_key.* --since 1h',
    needs: NEEDS_DATABASE,
  });
  withFilters(withWorkspace(command).addOption(environmentOption()))
    .option('-n, --lines <number>', `how many events to begin with, up to ${MAX_LINES} (default: 10)`, parseLines)
    .option('--since <time>', 'begin with all from this time on: 1h, 2027-01-31T12:00:00Z, 2027-01-31')
    .action(async (options: TailOptions) => {
      const format = options.json === true ? formatJson : formatLine;
      // There is no document at the end: `json` is what each line is.
      await performWithSession(
        {},
        { route: 'audit tail' },
        (session, signal) => follow(session, options, signal, format),
        { json: () => ({}), text: () => '' },
      );
    });
}

async function follow(
  session: Session,
  choice: TailChoice,
  signal: AbortSignal,
  format: (event: TailedEvent) => string,
): Promise<void> {
  try {
    for await (const event of tailAuditLog(session, choice, { signal, onProgress: say })) {
      await print(`${format(event)}\n`);
    }
  } catch (error) {
    // Whoever read it has seen enough, as `head` has.
    if (!isClosedPipe(error)) throw error;
  }
}

function formatJson(event: TailedEvent): string {
  return escapeInvisible(JSON.stringify(event));
}

/** Time, what, how it went, who, to what, from where. */
function formatLine({ occurred_at, action, outcome, reason, actor, targets, source, count }: TailedEvent): string {
  const result = reason === null ? outcome : `${outcome} (${reason})`;
  const aims = targets.map(({ type, id, name }) => `${type} ${named(id, name)}`).join(', ');
  const parts = [
    formatTime(occurred_at, '-'),
    action,
    result,
    `by ${named(actor.id ?? actor.type, actor.name)}`,
    ...(aims === '' ? [] : [`on ${aims}`]),
    ...(source?.ip ? [`from ${source.ip}`] : []),
    ...(count > 1 ? [`${count} times`] : []),
  ];
  return parts.map(printable).join('  ');
}

function named(id: string, name: string | null): string {
  return name === null || name === id ? id : `${id} "${name}"`;
}

function parseLines(text: string): number {
  const lines = Number(text);
  if (/^\d{1,3}$/.test(text) && lines >= 1 && lines <= MAX_LINES) return lines;
  throw new InvalidArgumentError(`It must be a number from 1 to ${MAX_LINES}.`);
}
