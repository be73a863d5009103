import { toBase64, toHex } from '../../../audit/core/base64.ts';
import type { Damage } from '../../../audit/core/damage.ts';
import { explainDamage } from '../../../audit/core/damage-texts.ts';
import type { VerifierKey } from '../../../audit/core/verifier-key.ts';
import type { ExportVerdict } from '../../../audit/core/verify-export.ts';
import { askJson } from './ask.ts';
import { judgeExport } from './judge-export.ts';
import { asServed, judgeKey, keyOf, SENT, unsigned } from './judge-head.ts';
import { keptHere, type Panel } from './panel.ts';
import { readHead } from './proof-file.ts';
import { type Report, showProgress } from './show.ts';
import { judgeSignatures } from './signatures.ts';
import { type Fact, fails, holds, type Step } from './step.ts';

/** Verifies the file that the visitor has chosen, which goes nowhere. */
export async function verifyExport({ root, base, place }: Panel): Promise<Report> {
  const file = root.querySelector<HTMLInputElement>('input[type="file"]')?.files?.[0];
  if (file === undefined) throw new Error('Choose a file first.');
  const kept = keptHere();
  const isKept = kept.key !== '';
  const named = isKept ? kept.key : readHead(await askJson(`${base}/head.json`)).verifier_key;
  const key = keyOf(named);
  if (typeof key === 'string') throw new Error(key);
  showProgress(place, 'Reading the file …', undefined);
  const checkpoint = kept.checkpoint === '' ? '' : asServed(kept.checkpoint);
  const { verdict, areSignaturesChecked } = await judgeSignatures((verify) =>
    judgeExport(verify, {
      file,
      key,
      checkpoint,
      onProgress: ({ records, leaves }) =>
        showProgress(
          place,
          `Verified ${records.toLocaleString('en')} events …`,
          leaves === undefined ? undefined : { done: records, all: leaves },
        ),
    }),
  );
  if (verdict.damage !== null) {
    // Whose doing it was is what signatures tell.
    return reportDamage(verdict.damage, areSignaturesChecked ? verdict.damagedIn : null);
  }
  const steps = [...soundSteps(verdict, key, checkpoint !== ''), ...(isKept ? [] : [judgeKey(named, key, false)])];
  return {
    // Anybody can make a file that fits together: without signatures that is worth nothing.
    isGood: areSignaturesChecked,
    verdict: areSignaturesChecked
      ? `All of ${file.name} holds.`
      : `All of ${file.name} fits together, but who has made it cannot be told here.`,
    steps: areSignaturesChecked ? steps : unsigned(steps),
    facts: { title: 'What is in it', facts: factsOf(verdict) },
  };
}

function reportDamage({ code, found, line, leaves, eventId }: Damage, damagedIn: ExportVerdict['damagedIn']): Report {
  const { meaning, advice } = explainDamage(code, 'export');
  const numbers: Fact[] = [
    ['Kind of damage', code],
    ...(line === null ? [] : [['Line of the file', String(line)] as const]),
    ...(leaves === null ? [] : [['Events of the log', `${leaves.first} to before ${leaves.end}`] as const]),
    ...(eventId === null ? [] : [['Event', eventId] as const]),
  ];
  return {
    isGood: false,
    verdict: `The export does not hold. ${meaning}`,
    steps: [
      fails(
        'The export is whole and as the log has it',
        `${found} ${damagedIn === null ? '' : BLAME[damagedIn]}`,
        numbers,
      ),
    ],
    facts: { title: 'What to do', facts: [['Advice', advice]] },
  };
}

const BLAME: Readonly<Record<'export' | 'log', string>> = {
  export: 'The lines are not those that the service signed: the file was changed.',
  log: 'The file is as the service signed it: the log itself was changed before.',
};

function soundSteps({ checkpoint, counts, header }: ExportVerdict, key: VerifierKey, hasKept: boolean): Step[] {
  if (checkpoint === null || counts === null || header === null) return [];
  const { records, hidden } = counts;
  const rest = hidden === 0 ? '' : ` Of ${hidden} others that filters left out, there are hashes.`;
  return [
    holds('The checkpoint is signed by the log', 'Its text, byte for byte, was signed with the key below.', [
      ['Log', checkpoint.origin],
      ['Key', toHex(key.keyId)],
      ['Events', String(checkpoint.size)],
      ['Root', toBase64(checkpoint.root)],
    ]),
    holds(
      'Every event is as the log took it in, and at its place',
      `${records} events and what stands around them have the root that is signed.${rest}`,
      [['Events of the log', `${header.first} to before ${header.end}`]],
    ),
    holds(SENT, 'Its last line signs all lines before it.'),
    ...(hasKept
      ? [holds('The log has only grown since your checkpoint', 'The events that it signs are in this log.')]
      : []),
  ];
}

function factsOf({ counts, header }: ExportVerdict): Fact[] {
  if (counts === null || header === null) return [];
  const { records, redacted, earliest, latest } = counts;
  const filters = Object.keys(header.filters).length === 0 ? 'none' : JSON.stringify(header.filters);
  return [
    ['events', String(records)],
    ['with erased personal data', String(redacted)],
    ...(earliest === null || latest === null ? [] : [['from', earliest] as const, ['to', latest] as const]),
    ['environment', header.environment ?? 'live and test'],
    ['filters', filters],
    ['exported at', header.exported_at],
  ];
}
