import { issueToken, type TokenWithSecret } from '../../../tokens/issue.ts';
import { toServiceError } from '../../../web/failure.ts';
import type { Form } from '../../kernel/form.ts';
import { ONCE_FIELD, performOnce } from '../../kernel/once.ts';
import type { Pages } from '../../kernel/pages.ts';
import { type Outcome, seeOther, showOnce } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { readIssueChoices } from './issue-choices.ts';
import { issueInputIn, namingScopes } from './issue-fields.ts';
import { IssueForm } from './issue-form.tsx';
import { prefilled } from './issue-prefill.ts';
import { issuedView } from './issued.tsx';

/** Issuing a token, and showing its secret once. */
export function mountTokenIssue(pages: Pages): void {
  pages.form('/tokens/new', 'issueToken', {
    async show(visit, sent) {
      const choices = await readIssueChoices(visit);
      const draft = sent.form.has(ONCE_FIELD) ? sent : await prefilled(visit, choices);
      return {
        title: 'Issue token',
        section: 'tokens',
        crumbs: [{ title: 'Tokens', href: visit.at('/tokens') }],
        scripts: ['issue.js'],
        body: <IssueForm visit={visit} draft={draft} choices={choices} />,
      };
    },
    submit: async (visit, form) => {
      try {
        return await submit(visit, form);
      } catch (thrown) {
        throw namingScopes(toServiceError(thrown), form);
      }
    },
  });
}

async function submit(visit: Visit, form: Form): Promise<Outcome> {
  const { services, caller } = visit;
  const outcome = await performOnce<TokenWithSecret>(visit, form, {
    perform: (once) => issueToken(services, caller, issueInputIn(form), once),
    pathOf: ({ token }) => visit.at(`/tokens/${token.id}`),
  });
  return 'made' in outcome ? showOnce(issuedView(visit, outcome.made)) : seeOther(outcome.madeBefore, MADE_BEFORE);
}

const MADE_BEFORE =
  'The form was sent before, and nothing was issued again. This is the token that it made, whose secret was shown then. If nobody has stored it, rotate the token for a new one.';
