import { claimRequest, findFirstAnswer, keepAnswer, type Once } from '../../credentials/idempotency.ts';
import { ServiceError } from '../../lib/errors.ts';
import { randomUuid } from '../../lib/random.ts';
import type { Form } from './form.ts';
import { PROOF_FIELDS } from './proof-fields.ts';
import type { Visit } from './visit.ts';

/** The hidden field by which a form is known again, however often it is sent. */
export const ONCE_FIELD = 'once';

/** What a new form puts into {@link ONCE_FIELD}. */
export function onceKey({ services }: Visit): string {
  return randomUuid(services.random);
}

export interface OnceForm<Result> {
  perform(once: Once<Result>): Promise<Result>;
  /** The page of what was made, for whoever sends the form again. Its secret is not kept. */
  pathOf(result: Result): string;
}

export type OnceOutcome<Result> = { readonly made: Result } | { readonly madeBefore: string };

/**
 * Does what a form says at most once: sent again, as when its page is loaded again, it leads to what the first time has
 * made, whose secret was shown then.
 */
export async function performOnce<Result>(
  visit: Visit,
  form: Form,
  { perform, pathOf }: OnceForm<Result>,
): Promise<OnceOutcome<Result>> {
  const { services, caller } = visit;
  const key = form.text(ONCE_FIELD);
  if (!KEY_PATTERN.test(key)) throw new ServiceError('invalid_request', { message: NO_KEY_MESSAGE });
  const said = form.entries.filter(([name]) => name !== 'csrf' && !PROOF_FIELDS.some((field) => field === name));
  const request = services.answers.identify(key, {
    principalId: caller.principal.id,
    environment: visit.environment,
    method: 'POST',
    path: visit.path,
    body: JSON.stringify(said),
  });
  const first = await findFirstAnswer(services, request);
  if (first !== undefined) return { madeBefore: JSON.parse(first.content.toString('utf8')) as string };
  const made = await perform({
    claim: (tx) => claimRequest(tx, services, request).catch(explainTwin),
    remember: (tx, result) =>
      keepAnswer(tx, services, request, {
        status: 303,
        content: Buffer.from(JSON.stringify(pathOf(result))),
        subjectId: null,
      }),
  });
  return { made };
}

const KEY_PATTERN = /^[\x21-\x7e]{16,64}$/;
const NO_KEY_MESSAGE = 'The form is incomplete. Load its page again.';

function explainTwin(error: unknown): never {
  if (error instanceof ServiceError && error.code === 'conflict')
    throw new ServiceError('conflict', { message: TWIN_MESSAGE });
  throw error;
}

const TWIN_MESSAGE =
  'This form was sent twice, and the first time is under way. What it makes is in the list in a moment.';
