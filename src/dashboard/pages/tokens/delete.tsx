import { readTokenReliance } from '../../../introspection/usage/reliance.ts';
import { removeToken } from '../../../tokens/remove.ts';
import type { Draft } from '../../kernel/form.ts';
import type { Pages } from '../../kernel/pages.ts';
import { type Outcome, seeOther, type View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { PageForm } from '../../parts/form.tsx';
import { isOver, noFormView, overSentence } from './detail-over.tsx';
import { belowToken, tokenOf, tokenPath } from './detail-token.ts';

/** Takes a token that is over out of the list. */
export function mountDeleteToken(pages: Pages): void {
  pages.form('/tokens/:id/delete', 'deleteToken', { show, submit });
}

async function show(visit: Visit, draft: Draft): Promise<View> {
  const token = await tokenOf(visit);
  if (!isOver(token, visit.now)) {
    const why = 'The token can still be used, now or later. Revoke it first, then delete it.';
    return noFormView(visit, token, { title: 'This token cannot be deleted', why });
  }
  const { issuedTokens } = await readTokenReliance(visit.services, visit.caller, token.id);
  return {
    ...belowToken(visit, token),
    title: 'Delete token',
    body: (
      <div class="narrow stack">
        <p>
          {overSentence(token, visit.now)}, so nothing breaks. Deleting it takes it out of the list with its description
          and metadata, and nobody gets them back. Whoever presents its secret is refused as before.
        </p>
        <p>
          What remains: its events stay in the audit log, under <code>{token.id}</code>.
        </p>
        {issuedTokens.count > 0 && (
          <div class="alert alert-warn">
            <span>
              It has issued tokens that can still be used. They live on, and cannot be revoked together any more once
              this one is deleted. <a href={tokenPath(visit, token, '/revoke')}>Revoke what it has issued</a>
            </span>
          </div>
        )}
        <PageForm csrf={visit.csrf} draft={draft} submit="Delete token" danger cancel={tokenPath(visit, token)} />
      </div>
    ),
  };
}

async function submit(visit: Visit): Promise<Outcome> {
  const token = await tokenOf(visit);
  await removeToken(visit.services, visit.caller, token.id);
  return seeOther(visit.at('/tokens'), `Token “${token.name}” is deleted. Its events stay in the audit log.`);
}
