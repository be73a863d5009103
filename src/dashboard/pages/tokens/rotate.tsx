import type { Effective } from '../../../coherence/fence.ts';
import { type Rotation, rotateToken } from '../../../tokens/rotate.ts';
import type { Token } from '../../../tokens/token.ts';
import { toServiceError } from '../../../web/failure.ts';
import type { Draft, Form } from '../../kernel/form.ts';
import { performOnce } from '../../kernel/once.ts';
import type { Pages } from '../../kernel/pages.ts';
import { type Outcome, seeOther, showOnce, type View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { absoluteTime, relativeTime } from '../../parts/times.ts';
import { draftOf } from '../named/fields.ts';
import { isOver, noFormView, overSentence } from './detail-over.tsx';
import { overlapEnd } from './detail-overlap.tsx';
import { belowToken, tokenOf, tokenPath } from './detail-token.ts';
import { namingExpiry, ROTATE_DEFAULTS, rotateInputOf } from './rotate-fields.ts';
import { RotateForm } from './rotate-form.tsx';
import { RotatedSecret } from './rotate-secret.tsx';

/** Gives a token a new secret, which is shown once. */
export function mountRotateToken(pages: Pages): void {
  pages.form('/tokens/:id/rotate', 'rotateToken', {
    show,
    submit: async (visit, form) => {
      try {
        return await submit(visit, form);
      } catch (thrown) {
        throw namingExpiry(toServiceError(thrown), form);
      }
    },
  });
}

async function show(visit: Visit, draft: Draft): Promise<View> {
  const token = await tokenOf(visit);
  if (isOver(token, visit.now)) {
    const why = `${overSentence(token, visit.now)}, so it gets no new secret. Issue a new token instead.`;
    return noFormView(visit, token, { title: 'This token cannot be rotated', why });
  }
  return {
    ...belowToken(visit, token),
    title: 'Rotate token',
    body: (
      <div class="narrow-wide stack">
        <p>
          The token keeps its id, its rights and its history, and gets a new secret, which is shown to you once. Give
          the old one time to go on working until all who use it have the new one.
        </p>
        <Overlapping token={token} now={visit.now} />
        <RotateForm visit={visit} token={token} draft={draftOf(draft, ROTATE_DEFAULTS)} />
      </div>
    ),
  };
}

function Overlapping({ token, now }: { token: Token; now: Date }) {
  const end = overlapEnd(token, now);
  if (end === undefined) return null;
  return (
    <div class="alert alert-warn">
      An earlier rotation is still under way: the secret before the present one works until {absoluteTime(end)} (
      {relativeTime(end, now)}). A token has two secrets at most, so rotating now ends that one at once.
    </div>
  );
}

/** A rotation with how far it has got; what a form sent again finds is without. */
interface Rotated extends Rotation {
  readonly effective?: Effective;
}

async function submit(visit: Visit, form: Form): Promise<Outcome> {
  const token = await tokenOf(visit);
  const outcome = await performOnce<Rotated>(visit, form, {
    perform: async (once) => {
      const input = rotateInputOf(form);
      const { rotation, effective } = await rotateToken(visit.services, visit.caller, token.id, input, once);
      return { ...rotation, effective };
    },
    pathOf: () => tokenPath(visit, token),
  });
  if ('madeBefore' in outcome) return seeOther(outcome.madeBefore, MADE_BEFORE);
  const { made } = outcome;
  return showOnce({
    ...belowToken(visit, made.token),
    title: 'The new secret',
    body: <RotatedSecret visit={visit} rotation={made} effective={made.effective} />,
  });
}

const MADE_BEFORE =
  'The token was rotated when this form was first sent, and its secret was shown then. Rotate it once more if nobody has it.';
