import type { DamageView } from '../../operator/audit-verdict.ts';
import type { LiveVerdictView, LogVerdictView } from '../../operator/audit-verify.ts';
import type { ExportVerdictView } from '../../operator/audit-verify-export.ts';
import type { Presentation } from '../perform.ts';
import { printable } from '../text.ts';

export const presentation: Presentation<ExportVerdictView> = {
  json: (verdict) => verdict,
  text: (verdict) => formatFacts(factsOf(verdict)),
  notes: ({ damage, damaged_in }) =>
    damage === null ? ['All of it holds.'] : [...describeDamage(damage), ...BLAME[damaged_in ?? 'unknown']],
  ending: ({ holds }) => (holds ? 'ok' : 'failure'),
};

const BLAME: Readonly<Record<'export' | 'log' | 'unknown', readonly string[]>> = {
  export: ['The lines are not those that the service signed: the file was changed.'],
  log: ['The file is as the service signed it: the log itself was changed before.'],
  unknown: [],
};

export const livePresentation: Presentation<LiveVerdictView> = {
  json: (verdict) => verdict,
  text: ({ logs }) => logs.map((log) => formatFacts(factsOfLog(log))).join('\n'),
  notes: ({ logs, holds }) => [
    ...logs.flatMap((log) => {
      const notes = [...(log.damage === null ? [] : describeDamage(log.damage)), ...describeHalt(log)];
      return notes.length === 0 ? [] : [`Log of ${log.workspace?.name ?? 'the installation'}:`, ...notes];
    }),
    ...(holds ? ['All of it holds.'] : []),
  ],
  ending: ({ holds }) => (holds ? 'ok' : 'failure'),
};

type Fact = readonly [name: string, value: string | null];

function factsOf(verdict: ExportVerdictView): Fact[] {
  const { damage, range, checkpoint, records, redacted, gaps, hidden, earliest, latest } = verdict;
  return [
    ['result', resultOf(damage)],
    ['log', checkpoint?.origin ?? null],
    ['checkpoint', checkpoint && `size ${checkpoint.size}, root ${checkpoint.root}`],
    ['leaves', range && `${range.first} to before ${range.end}`],
    ['records', recordsOf(records, redacted)],
    [
      'not shown',
      hidden === 0
        ? null
        : `${hidden} leaves in ${gaps} gaps: they are in the log; what they say is not in this export`,
    ],
    ['time', earliest && latest && `${earliest} to ${latest}`],
    ...verdict.cosignatures.map(({ witness, cosigned_at }): Fact => ['witness', `${witness}, ${cosigned_at}`]),
    ...verdict.previous.map(({ file, origin, size }): Fact => {
      const then = origin === checkpoint?.origin ? '' : `, signed as ${origin}`;
      return ['previous', `${file}: its ${size} leaves are the same${then}`];
    }),
  ];
}

function factsOfLog(log: LogVerdictView): Fact[] {
  const { workspace, damage, size, records, redacted, checkpoints, covered, tiles, pending, strays } = log;
  return [
    ['log', workspace === null ? 'installation' : `${workspace.name} (${workspace.id})`],
    ['result', resultOf(damage)],
    ['key', log.verifier_key],
    ['leaves', `${size}`],
    ['records', recordsOf(records, redacted)],
    [
      'checkpoints',
      `${checkpoints}, up to ${covered} leaves${log.checkpoint_file ? ', and one on the disk of this machine' : ''}`,
    ],
    ['tiles', `${tiles}`],
    ['waiting', pending === 0 ? null : `${pending} event${pending === 1 ? '' : 's'}`],
    ['strays', strays === 0 ? 'none' : `${strays} event${strays === 1 ? '' : 's'}`],
    ['halted', log.halt_reason],
  ];
}

function describeHalt({ halt_reason: reason }: LogVerdictView): string[] {
  return reason === null ? [] : [`It is halted, nothing more is signed for it: ${reason}`];
}

function resultOf(damage: DamageView | null): string {
  return damage === null ? 'holds' : `does not hold: ${damage.code}`;
}

function recordsOf(records: number, redacted: number): string {
  return redacted === 0
    ? `${records}`
    : `${records}, of which ${redacted} have personal data that is not there any more`;
}

/** One line each, names in a column. */
function formatFacts(facts: readonly Fact[]): string {
  const width = Math.max(...facts.map(([name]) => name.length)) + 2;
  return facts.map(([name, value]) => (value === null ? '' : `${name.padEnd(width)}${printable(value)}\n`)).join('');
}

/** What it is, where it is, and what to do. */
function describeDamage({ code, meaning, found, advice, line, event_id }: DamageView): string[] {
  const place = [...(line === null ? [] : [`line ${line}`]), ...(event_id === null ? [] : [event_id])].join(', ');
  return [`${code}${place === '' ? '' : ` (${place})`}: ${found}`, meaning, `What to do: ${advice}`];
}
