import { type Command, InvalidArgumentError } from 'commander';
import { verifyLogs } from '../../operator/audit-verify.ts';
import { type Progress, verifyExport } from '../../operator/audit-verify-export.ts';
import { defineCommand, NEEDS_DATABASE } from '../command.ts';
import { UsageError } from '../exit-codes.ts';
import { type CommandOptions, perform, performWithSession } from '../perform.ts';
import { livePresentation, presentation } from './verify-presentation.ts';
import { createProgressLine } from './verify-progress.ts';

interface VerifyOptions extends CommandOptions {
  readonly key?: string;
  readonly previous?: string[];
  readonly previousKey?: string[];
  readonly witness?: string[];
  readonly witnessesRequired?: number;
  readonly live?: boolean;
  readonly workspace?: string;
}

export function registerVerify(audit: Command): void {
  defineCommand(audit, 'verify', {
    summary: 'Verify an export, or the logs in the database.',
    description:
      'Verify an export of the audit log, made as ndjson, against a key that you trust. Rebuilds the tree from the events ' +
      'and names the first record that is damaged. Ends with 0 only if all of it holds, and with 1 if it does not. ' +
      'With --live it verifies the logs in the database instead; it trusts the keys that it finds there.',
    example: 'tooken audit verify may.ndjson --key "$(cat log.key)" --previous kept.txt',
    needs:
      'nothing but the files: no network, no service, no database, no environment.\n' +
      `With --live: ${NEEDS_DATABASE}`,
  })
    .argument('[export]', 'the file, compressed by gzip or not; - for standard input')
    .option('--key <verifier key>', 'of the log, as you noted it when you began to trust it; never from the export')
    .option('--previous <file>', 'a checkpoint of the log that you have kept; repeatable', collect)
    .option(
      '--previous-key <verifier key>',
      'of the log before it was reopened, for such a checkpoint; repeatable',
      collect,
    )
    .option('--witness <verifier key>', 'of a witness that should have cosigned; repeatable', collect)
    .option('--witnesses-required <number>', 'how many of these have to (default: all)', parseCount)
    .option('--live', 'verify the logs in the database, changing nothing')
    .option('--workspace <name|id>', 'with --live: the workspace, or "installation" (default: all logs)')
    .action((path: string | undefined, options: VerifyOptions) =>
      options.live === true ? verifyDatabase(path, options) : verifyFile(path, options),
    );
}

function verifyFile(path: string | undefined, options: VerifyOptions): Promise<void> {
  const { key, previous = [], previousKey: previousKeys = [], witness: witnesses = [], workspace } = options;
  if (path === undefined) throw new UsageError('name the export to verify, or - for standard input; or give --live.');
  if (workspace !== undefined) throw new UsageError('--workspace is for --live; an export is of one log.');
  if (key === undefined) {
    throw new UsageError(
      '--key is missing. A log has its key at <service>/logs/<workspace>/key; note it once, and keep it.',
    );
  }
  if (previousKeys.length > 0 && previous.length === 0) {
    throw new UsageError('--previous-key is for a checkpoint that is given with --previous.');
  }
  const { witnessesRequired } = options;
  const choice = { path, key, previous, previousKeys, witnesses, witnessesRequired };
  const progress = createProgressLine(process.stderr);
  const showProgress = ({ records, readBytes, totalBytes }: Progress) =>
    progress.show({ records, done: readBytes, total: totalBytes });
  return perform(
    options,
    ({ signal }) => verifyExport(choice, signal, showProgress).finally(progress.clear),
    presentation,
  );
}

function verifyDatabase(path: string | undefined, options: VerifyOptions): Promise<void> {
  const { key, previous = [], previousKey, witness, witnessesRequired, workspace } = options;
  if (path !== undefined) throw new UsageError('give either an export or --live.');
  if ([key, previousKey, witness, witnessesRequired].some((value) => value !== undefined)) {
    throw new UsageError(
      '--live takes the keys from the database: no --key, --previous-key or --witness. Verify an export against yours.',
    );
  }
  const progress = createProgressLine(process.stderr);
  const onProgress = (name: string, records: number, size: number) =>
    progress.show({ records, done: records, total: size, name });
  return performWithSession(
    options,
    { route: 'audit verify' },
    (session, signal) => verifyLogs(session, { workspace, previous }, { signal, onProgress }).finally(progress.clear),
    livePresentation,
  );
}

const collect = (value: string, earlier: string[] = []) => [...earlier, value];

function parseCount(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number.');
}
