import { finishRotation } from '../../../tokens/rotate.ts';
import type { Draft } from '../../kernel/form.ts';
import type { Pages } from '../../kernel/pages.ts';
import { type Outcome, seeOther, type View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { effectiveOn } from '../../parts/effective.ts';
import { PageForm } from '../../parts/form.tsx';
import { absoluteTime, relativeTime } from '../../parts/times.ts';
import { namesOf } from './detail-names.ts';
import { noFormView } from './detail-over.tsx';
import { overlapEnd, PreviousUses } from './detail-overlap.tsx';
import { belowToken, tokenOf, tokenPath } from './detail-token.ts';

/** Ends the overlap after a rotation early. */
export function mountFinishRotation(pages: Pages): void {
  pages.form('/tokens/:id/finish-rotation', 'finishRotation', { show, submit });
}

async function show(visit: Visit, draft: Draft): Promise<View> {
  const token = await tokenOf(visit);
  const end = overlapEnd(token, visit.now);
  if (end === undefined) {
    return noFormView(visit, token, { title: 'Nothing to finish', why: 'One secret at most opens this token now.' });
  }
  const isUsed = token.previousSecretUses.length > 0;
  return {
    ...belowToken(visit, token),
    title: 'Finish rotation',
    body: (
      <div class="stack">
        <p>
          The previous secret works until {absoluteTime(end)} ({relativeTime(end, visit.now)}). Finishing the rotation
          ends it now; the present secret is not touched.
        </p>
        <PreviousUses visit={visit} token={token} names={await namesOf(visit, token)} />
        {isUsed && <p>They are refused from then on, unless they have the new secret by now.</p>}
        <PageForm
          csrf={visit.csrf}
          draft={draft}
          submit="Finish rotation"
          danger={isUsed}
          cancel={tokenPath(visit, token)}
        />
      </div>
    ),
  };
}

async function submit(visit: Visit): Promise<Outcome> {
  const { id } = await tokenOf(visit);
  const { token, effective } = await finishRotation(visit.services, visit.caller, id);
  return seeOther(
    tokenPath(visit, token),
    `The previous secret of “${token.name}” is dead, ${effectiveOn(effective)}.`,
  );
}
