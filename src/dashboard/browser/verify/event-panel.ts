import type { joinEvent } from '../../../audit/core/readable-event.ts';
import { askJson } from './ask.ts';
import { growthFrom } from './growth.ts';
import { judgePlace, judgeRecord } from './judge-event.ts';
import { judgeHead, unsigned } from './judge-head.ts';
import { keptHere, type Panel } from './panel.ts';
import { readProofFile } from './proof-file.ts';
import type { Report } from './show.ts';
import { judgeSignatures } from './signatures.ts';
import type { Fact, Step } from './step.ts';

/** Verifies the event of the page. Everything that is said of it is computed here. */
export async function verifyEvent({ base }: Panel): Promise<Report> {
  // What the page says itself might be of another event than the one that was asked for.
  const id = location.pathname.split('/').at(-1) ?? '';
  const shown = { id, event: JSON.parse(document.querySelector('#event-json')?.textContent ?? 'null') as unknown };
  const proof = readProofFile(await askJson(`${base}/${id}/proof.json`));
  const kept = keptHere();
  const askGrowth = growthFrom(base);
  const record = judgeRecord(proof, shown);
  const { verdict: head, areSignaturesChecked } = await judgeSignatures((verify) =>
    judgeHead(verify, proof, kept, askGrowth),
  );
  const headSteps = areSignaturesChecked ? head.steps : unsigned(head.steps);
  const steps = [...record.steps, judgePlace(proof, head.checkpoint), ...headSteps];
  const failed = steps.filter(({ outcome }) => outcome === 'fails');
  return {
    isGood: failed.length === 0,
    verdict: failed.length === 0 ? goodVerdict(steps) : badVerdict(failed),
    steps,
    facts: record.event && { title: 'What the record says', facts: factsOf(record.event) },
  };
}

function goodVerdict(steps: readonly Step[]): string {
  return steps.some(({ outcome }) => outcome === 'open')
    ? 'The event holds, as far as there was something to compare it with.'
    : 'The event holds, and the log goes on from what you have kept.';
}

function badVerdict(failed: readonly Step[]): string {
  return `The event does not hold. Not so: ${failed.map(({ title }) => `“${title}”`).join(', ')}.`;
}

/** In the words of the log, so that nothing stands between them and the reader. */
function factsOf(event: ReturnType<typeof joinEvent>): Fact[] {
  const { actor, targets, source } = event;
  return [
    ['action', event.action],
    ['outcome', event.reason === null ? event.outcome : `${event.outcome}: ${event.reason}`],
    ['occurred at', event.occurred_at],
    ['actor', subjectText(actor)],
    ...targets.map((target): Fact => ['target', subjectText(target)]),
    ...(source === null ? [] : [['source', textsOf(source.ip, source.user_agent)] as const]),
    ...event.changes.map(
      (change): Fact => [change.field, `${JSON.stringify(change.old)} → ${JSON.stringify(change.new)}`],
    ),
    ['count', String(event.count)],
  ];
}

function subjectText({ type, id, name }: { type: string; id: string | null; name: string | null }): string {
  return textsOf(type, id, name);
}

function textsOf(...texts: readonly (string | null)[]): string {
  return texts.filter((text) => text !== null).join(' ') || '(erased)';
}
