import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ExportVerdictView, verifyExport } from '../../operator/audit-verify-export.ts';
import { defineCommand } from '../command.ts';
import { UsageError } from '../exit-codes.ts';
import { type CommandOptions, type Presentation, perform } from '../perform.ts';
import { createProgressLine } from './verify-progress.ts';
import { describeDamage, formatFacts } from './verify-text.ts';

interface VerifyOptions extends CommandOptions {
  readonly key?: string;
  readonly previous?: string[];
  readonly witness?: string[];
  readonly witnessesRequired?: number;
}

export function registerVerify(audit: Command): void {
  defineCommand(audit, 'verify', {
    description:
      'Verify an export of the audit log, made as ndjson, against a key that you trust. Rebuilds the tree from the events\n' +
      'and names the first record that is damaged. Ends with 0 only if all of it holds, and with 1 if it does not.',
    example:
      "tooken audit verify export.ndjson.gz --key 'tokens.example/logs/ws_…+6f3c…+AVx…' --previous march.checkpoint",
    needs: 'nothing but the files: no network, no service, no database, no environment.',
  })
    .argument('<export>', 'the file, compressed by gzip or not; - for standard input')
    .addOption(
      new Option(
        '--key <verifier key>',
        'of the log, as you noted it when you began to trust it; never from the export itself',
      ),
    )
    .option('--previous <file>', 'a checkpoint of the log that you have kept; repeatable', collect)
    .option('--witness <verifier key>', 'of a witness that should have cosigned; repeatable', collect)
    .option('--witnesses-required <number>', 'how many of these have to (default: all)', parseCount)
    .action((path: string, options: VerifyOptions) => {
      const { key, previous = [], witness: witnesses = [], witnessesRequired } = options;
      if (key === undefined) {
        throw new UsageError(
          '--key is missing. A log has its key at <service>/logs/<workspace>/key; note it once, and keep it.',
        );
      }
      const choice = { path, key, previous, witnesses, witnessesRequired };
      const progress = createProgressLine(process.stderr);
      return perform(
        options,
        ({ signal }) => verifyExport(choice, signal, progress.show).finally(progress.clear),
        presentation,
      );
    });
}

const collect = (value: string, earlier: string[] = []) => [...earlier, value];

function parseCount(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number.');
}

const presentation: Presentation<ExportVerdictView> = {
  json: (verdict) => verdict,
  text: (verdict) => formatFacts(factsOf(verdict)),
  notes: ({ damage, damaged_in }) =>
    damage === null
      ? ['All of it holds.']
      : [
          ...describeDamage(damage),
          ...(damaged_in === 'export'
            ? ['The lines are not those that the service signed: the file was changed.']
            : []),
          ...(damaged_in === 'log' ? ['The file is as the service signed it: the log itself was changed before.'] : []),
        ],
  ending: ({ holds }) => (holds ? 'ok' : 'failure'),
};

function factsOf(verdict: ExportVerdictView): [name: string, value: string][] {
  const { holds, damage, range, checkpoint, records, redacted, gaps, hidden, earliest, latest } = verdict;
  const facts: [string, string | null][] = [
    ['result', holds ? 'holds' : `does not hold: ${damage?.code ?? ''}`],
    ['log', checkpoint && checkpoint.origin],
    ['checkpoint', checkpoint && `size ${checkpoint.size}, root ${checkpoint.root}`],
    ['leaves', range && `${range.first} to before ${range.end}`],
    [
      'records',
      `${records}${redacted === 0 ? '' : `, of which ${redacted} have personal data that is not there any more`}`,
    ],
    [
      'not shown',
      hidden === 0 ? null : `${hidden} leaves in ${gaps} gaps: proved to be there, left out by the filters`,
    ],
    ['time', earliest && latest && `${earliest} to ${latest}`],
    ...verdict.cosignatures.map(({ witness, cosigned_at }): [string, string] => [
      'witness',
      `${witness}, ${cosigned_at}`,
    ]),
    ...verdict.previous.map(({ file, size }): [string, string] => [
      'previous',
      `${file}: its ${size} leaves are the same`,
    ]),
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
}
