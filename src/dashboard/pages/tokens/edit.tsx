import type { Token } from '../../../tokens/token.ts';
import { type TokenChange, updateToken } from '../../../tokens/update.ts';
import { toServiceError } from '../../../web/failure.ts';
import type { Draft, Form } from '../../kernel/form.ts';
import type { Pages } from '../../kernel/pages.ts';
import { type Outcome, seeOther, type View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { effectiveOn } from '../../parts/effective.ts';
import { draftOf, expectedBy, isStale } from '../named/fields.ts';
import { ChangedMeanwhile } from '../named/stale.tsx';
import { aboutExpiry } from './detail-expiry.ts';
import { isOver, overSentence } from './detail-over.tsx';
import { belowToken, tokenOf, tokenPath } from './detail-token.ts';
import { editValues, updateInputIn } from './edit-fields.ts';
import { EditForm } from './edit-form.tsx';
import { TokenAsItIs } from './edit-present.tsx';
import { readIssueChoices } from './issue-choices.ts';
import { namingScopes } from './issue-fields.ts';

/** Changes what a token is and may do, unless somebody else has changed it meanwhile. */
export function mountEditToken(pages: Pages): void {
  pages.form('/tokens/:id/edit', 'updateToken', {
    show,
    submit: async (visit, form) => {
      try {
        return await submit(visit, form);
      } catch (thrown) {
        throw aboutExpiry(namingScopes(toServiceError(thrown), form), 'expires_at');
      }
    },
  });
}

async function show(visit: Visit, sent: Draft): Promise<View> {
  const [token, choices] = await Promise.all([tokenOf(visit), readIssueChoices(visit)]);
  const values = editValues(token, choices);
  return {
    ...belowToken(visit, token),
    title: 'Edit token',
    scripts: ['issue.js'],
    body: (
      <div class="narrow-wide stack">
        {isStale(sent, token) && (
          <ChangedMeanwhile>
            <TokenAsItIs token={token} projects={choices.projects} />
          </ChangedMeanwhile>
        )}
        {isOver(token, visit.now) && (
          <p>
            {overSentence(token, visit.now)}, so only what is noted on it can change: its name, description and
            metadata.
          </p>
        )}
        <EditForm visit={visit} token={token} choices={choices} draft={draftOf(sent, values)} />
      </div>
    ),
  };
}

async function submit(visit: Visit, form: Form): Promise<Outcome> {
  const { services, caller } = visit;
  const before = await tokenOf(visit);
  const input = updateInputIn(visit, before, form);
  const change = await updateToken(services, caller, before.id, input, expectedBy(form));
  return seeOther(tokenPath(visit, before), noticeOf(before, change));
}

function noticeOf(before: Token, { token, effective }: TokenChange): string {
  if (token.revision === before.revision) return 'Nothing was changed.';
  return `Token “${token.name}” is changed, ${effectiveOn(effective)}.`;
}
