import { Argument, type Command, Option } from 'commander';
import {
  type ErasureView,
  erasePersonalDataOf,
  type LogExtentView,
  SUBJECT_TYPES,
  type SubjectType,
} from '../../operator/audit-erase.ts';
import { defineCommand, NEEDS_DATABASE, withWorkspace } from '../command.ts';
import { askByTyping } from '../confirm.ts';
import { say } from '../output.ts';
import { type CommandOptions, type Presentation, performWithSession } from '../perform.ts';
import { formatTable } from '../text.ts';

interface EraseOptions extends CommandOptions {
  readonly workspace?: string;
  readonly allLogs?: boolean;
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

export function registerErase(audit: Command): void {
  const command = defineCommand(audit, 'erase', {
    summary: 'Erase the personal data of one subject.',
    description:
      'Erase the personal data of one subject from the audit log, from usage and from the request log, for good. The events stay, ' +
      'without it, and every proof stays valid. The erasure itself is an event.',
    example: 'tooken audit erase source 192.0.2.1 --all-logs --dry-run',
    needs: `${NEEDS_DATABASE}\nEither --yes, or --dry-run, or a terminal, on which it asks for the id of the subject.`,
  });
  withWorkspace(command)
    .addArgument(new Argument('<type>', 'what the subject is').choices(SUBJECT_TYPES))
    .argument('<id>', 'an IP address of a source, the name of a scope, the id of anything else')
    .addOption(
      new Option('--all-logs', 'from every workspace, and from the log of the installation').conflicts('workspace'),
    )
    .option('--reason <text>', 'why, for the log; without what is to be forgotten')
    .option('--dry-run', 'only show what would be erased')
    .option('--yes', 'do not ask')
    .action((type: SubjectType, id: string, options: EraseOptions) => {
      const { workspace, allLogs = false, dryRun = false, reason, yes = false } = options;
      const ask = yes || dryRun ? undefined : askByTyping('erase this personal data for good');
      const choice = { type, id, workspace, isEverywhere: allLogs, isDryRun: dryRun, reason };
      return performWithSession(
        options,
        { route: 'audit erase' },
        (session, signal) =>
          erasePersonalDataOf(session, choice, {
            onProgress: say,
            async confirm(subjectId, found) {
              if (ask === undefined || found.length === 0) return;
              say(`This erases ${describeExtent(found)}.`);
              await ask(subjectId, signal);
            },
          }),
        presentErasure,
      );
    });
}

const presentErasure: Presentation<ErasureView> = {
  json: (erasure) => ({ erasure }),
  text: ({ logs }) => (logs.length === 0 ? '' : formatLogs(logs)),
  notes: describeErasure,
};

function formatLogs(logs: ErasureView['logs']): string {
  const rows = logs.map(({ workspace, events, payloads, usage_rows, request_rows, event_ids }) => [
    workspace?.name ?? '(installation)',
    ...[events, payloads, usage_rows, request_rows].map(String),
    event_ids[0] === undefined ? '-' : event_ids.length > 1 ? `${event_ids[0]} …` : event_ids[0],
  ]);
  return formatTable(['LOG', 'EVENTS', 'PAYLOADS', 'USAGE ROWS', 'CALLS', 'TOLD BY'], rows);
}

function describeErasure({ dry_run: isDryRun, logs }: ErasureView): string[] {
  if (logs.length === 0) return ['No log knows it: nothing to erase.'];
  if (isDryRun) return ['Nothing was changed.'];
  return [
    'What replicas held in memory meanwhile is written within a minute: if the subject was active, erase once more then.',
    'Backups keep it for as long as you keep them.',
  ];
}

function describeExtent(logs: readonly LogExtentView[]): string {
  const sum = (count: (log: LogExtentView) => number) => logs.reduce((total, log) => total + count(log), 0);
  const payloads = amount(
    sum(({ payloads: n }) => n),
    'payload',
  );
  const events = amount(
    sum(({ events: n }) => n),
    'event',
  );
  const rows = amount(
    sum(({ usage_rows: n }) => n),
    'row',
  );
  const calls = amount(
    sum(({ request_rows: n }) => n),
    'call',
  );
  return `${payloads} of ${events}, and an address in ${rows} of usage and ${calls}, in ${amount(logs.length, 'log')}`;
}

function amount(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
