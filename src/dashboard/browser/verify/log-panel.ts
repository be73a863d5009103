import { askJson } from './ask.ts';
import { growthFrom } from './growth.ts';
import { judgeHead, unsigned } from './judge-head.ts';
import { keptHere, type Panel } from './panel.ts';
import { readHead } from './proof-file.ts';
import type { Report } from './show.ts';
import { judgeSignatures } from './signatures.ts';

/** Verifies the latest checkpoint of the log against what the visitor has kept. */
export async function verifyLog({ base }: Panel): Promise<Report> {
  const kept = keptHere();
  const head = readHead(await askJson(`${base}/head.json`));
  const askGrowth = growthFrom(base);
  const { verdict, areSignaturesChecked } = await judgeSignatures((verify) => judgeHead(verify, head, kept, askGrowth));
  const steps = areSignaturesChecked ? verdict.steps : unsigned(verdict.steps);
  const failed = steps.filter(({ outcome }) => outcome === 'fails');
  if (failed.length > 0) {
    const named = failed.map(({ title }) => `“${title}”`).join(', ');
    return { isGood: false, verdict: `The log does not hold. Not so: ${named}.`, steps };
  }
  const isWhole = steps.every(({ outcome }) => outcome === 'holds');
  return { isGood: true, verdict: isWhole ? WHOLE_VERDICT : PARTIAL_VERDICT, steps };
}

const WHOLE_VERDICT = 'The log goes on from what you have kept: nothing that was in it then has changed.';
const PARTIAL_VERDICT = 'Nothing is wrong, as far as there was something to compare it with.';
