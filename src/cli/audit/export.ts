import { type Command, InvalidArgumentError, Option } from 'commander';
import { randomUuid, systemRandom } from '../../lib/random.ts';
import {
  EXPORT_FORMATS,
  type ExportChoice,
  type ExportSurroundings,
  type ExportView,
  exportAuditLog,
} from '../../operator/audit-export.ts';
import type { Session } from '../../operator/session.ts';
import { defineCommand, environmentOption, NEEDS_DATABASE, withWorkspace } from '../command.ts';
import { OutputError, ReaderGone, UsageError } from '../exit-codes.ts';
import { endWith, isClosedPipe, print, say } from '../output.ts';
import { type CommandOptions, type Presentation, performWithSession } from '../perform.ts';
import { printable } from '../text.ts';
import { makeFile } from './export-file.ts';
import { withFilters } from './filters.ts';

interface ExportOptions extends CommandOptions, ExportChoice {
  readonly output?: string;
  readonly force?: boolean;
}

export function registerExport(audit: Command): void {
  const command = defineCommand(audit, 'export', {
    summary: 'Export an audit log.',
    description:
      'Export the audit log of a workspace, or with --workspace installation that of the installation: to a file, or to ' +
      'stdout. ndjson can be verified with `tooken audit verify`. The export itself is an event.',
    example: 'tooken audit export --since 2027-01-01 --output 2027.ndjson',
    needs: NEEDS_DATABASE,
  });
  withFilters(withWorkspace(command).addOption(environmentOption()))
    .addOption(new Option('--format <format>', 'how to write it').choices(EXPORT_FORMATS).default('ndjson'))
    .option('--output <file>', 'where to; it must not exist (default: stdout, if that is a pipe or file)')
    .option('--force', 'replace that file')
    .option('--since <time>', 'from this time on: 2027-01-31T12:00:00Z, or 2027-01-31 for 0:00 UTC')
    .option('--until <time>', 'before this time')
    .option('--previous <size>', 'prove that it is the log of which you have a checkpoint of this size', parseSize)
    .action(runExport);
}

async function runExport(options: ExportOptions): Promise<void> {
  if (options.output === undefined && options.json === true) {
    throw new UsageError('--json describes the export on stdout. Give --output, so that the export goes elsewhere.');
  }
  if (options.output === undefined && process.stdout.isTTY) {
    throw new UsageError(
      'stdout is a terminal, and names in the log may have characters in them that change what it shows. Give --output ' +
        '<file>, or a pipe: `| less`. To look at events, there is `tooken audit tail`.',
    );
  }
  try {
    await performWithSession(
      options,
      { route: 'audit export' },
      (session, signal) => exportTo(session, options, { signal, onProgress: say }),
      presentationOf(options.output),
    );
  } catch (error) {
    if (!(error instanceof ReaderGone)) throw error;
    endWith('failure');
  }
}

async function exportTo(
  session: Session,
  { output, force: isReplacing = false, ...choice }: ExportOptions,
  surroundings: Omit<ExportSurroundings, 'write'>,
): Promise<ExportView> {
  if (output === undefined) return exportAuditLog(session, choice, { ...surroundings, write: printPiece });
  const file = await makeFile(output, { isReplacing, suffix: randomUuid(systemRandom) });
  try {
    const view = await exportAuditLog(session, choice, { ...surroundings, write: file.write });
    await file.finish();
    return view;
  } catch (error) {
    await file.discard();
    throw error;
  }
}

function printPiece(piece: Uint8Array): Promise<void> {
  return print(piece).catch((error: unknown) => {
    throw isClosedPipe(error) ? new ReaderGone() : new OutputError('the output could not be written.');
  });
}

function presentationOf(output: string | undefined): Presentation<ExportView> {
  return {
    json: (view) => ({ export: { ...view, file: output } }),
    text: () => '',
    notes: ({ events, format, verifier_key: key }) => [
      `Exported ${events.toLocaleString('en')} ${events === 1 ? 'event' : 'events'}${output === undefined ? '' : ` to ${printable(output)}`}.`,
      ...(format === 'ndjson' && output !== undefined
        ? [`Verify it with \`tooken audit verify\` and the key you trust; the log signs with ${key} now.`]
        : []),
    ],
  };
}

function parseSize(text: string): number {
  const size = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(size)) return size;
  throw new InvalidArgumentError('It must be a number of events.');
}
