import { type LiveTokens, readTokenReliance } from '../../../introspection/usage/reliance.ts';
import { type RevokeResult, revokeToken } from '../../../tokens/revoke.ts';
import { revokeFields } from '../../../web/token-change-fields.ts';
import { type Draft, type Form, parseFields } from '../../kernel/form.ts';
import type { Pages } from '../../kernel/pages.ts';
import { type Outcome, seeOther, type View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { TickField } from '../../parts/choice-field.tsx';
import { requireConfirmed } from '../../parts/confirmed.ts';
import { effectiveOn } from '../../parts/effective.ts';
import { TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';
import { counted } from '../../parts/times.ts';
import { textOrNull } from '../named/fields.ts';
import { noFormView } from './detail-over.tsx';
import { belowToken, tokenOf, tokenPath } from './detail-token.ts';
import { RelianceReport } from './revoke-reliance.tsx';

/** Ends a token, after saying what that will break; and, of one that has ended, what it has issued. */
export function mountRevokeToken(pages: Pages): void {
  pages.form('/tokens/:id/revoke', 'revokeToken', { show, submit });
}

async function show(visit: Visit, draft: Draft): Promise<View> {
  const token = await tokenOf(visit);
  const reliance = await readTokenReliance(visit.services, visit.caller, token.id);
  const { issuedTokens } = reliance;
  const isRevoked = token.revokedAt !== null;
  if (isRevoked && issuedTokens.count === 0) {
    const why = 'The token is revoked already, and nothing that it has issued can be used.';
    return noFormView(visit, token, { title: 'Nothing to revoke', why });
  }
  return {
    ...belowToken(visit, token),
    title: isRevoked ? 'Revoke what the token has issued' : 'Revoke token',
    body: (
      <div class="stack">
        <p class="narrow-wide">
          {isRevoked
            ? 'The token itself is revoked. What it has issued lives on by itself.'
            : 'A revoked token never works again: from the moment this has answered, every service that asks is told that it is not active. Nobody can undo it.'}
        </p>
        {!isRevoked && <RelianceReport visit={visit} reliance={reliance} />}
        <div class="narrow">
          <PageForm
            csrf={visit.csrf}
            draft={draft}
            submit={isRevoked ? 'Revoke what it has issued' : 'Revoke token'}
            danger
            cancel={tokenPath(visit, token)}
          >
            {!isRevoked && (
              <TextField
                name="reason"
                label="Reason"
                draft={draft}
                maxlength={1024}
                optional
                hint="Kept with the token and in the audit log, for whoever asks why."
              />
            )}
            <IssuedField issued={issuedTokens} isRevoked={isRevoked} draft={draft} />
            <TickField
              name="confirm"
              label={isRevoked ? 'End these tokens for good.' : 'End this token for good.'}
              draft={draft}
              required
            />
          </PageForm>
        </div>
      </div>
    ),
  };
}

function IssuedField({ issued, isRevoked, draft }: { issued: LiveTokens; isRevoked: boolean; draft: Draft }) {
  if (issued.count === 0) return null;
  const many = `${issued.isMore ? 'more than ' : ''}${counted(issued.count, 'token')}`;
  if (isRevoked) {
    return (
      <>
        <input type="hidden" name="with_issued" value="yes" />
        <p>
          It has issued <strong>{many}</strong> that can still be used or will be, those that these have issued
          included.
        </p>
      </>
    );
  }
  return (
    <TickField
      name="with_issued"
      label={`Revoke also the ${many} that it has issued.`}
      draft={draft}
      hint="And what these have issued, and so on. Left alone, they go on working."
    />
  );
}

async function submit(visit: Visit, form: Form): Promise<Outcome> {
  const { id } = await tokenOf(visit);
  const { reason, with_issued } = parseFields(revokeFields, {
    reason: textOrNull(form, 'reason'),
    with_issued: form.has('with_issued'),
  });
  requireConfirmed(form);
  const revoked = await revokeToken(visit.services, visit.caller, id, { reason, withIssued: with_issued });
  return seeOther(tokenPath(visit, revoked.token), noticeOf(revoked));
}

function noticeOf({ token, alsoRevoked, effective }: RevokeResult): string {
  const others = alsoRevoked === 0 ? '' : ` with ${counted(alsoRevoked, 'token')} that it had issued`;
  return `Token “${token.name}” is revoked${others}, ${effectiveOn(effective)}.`;
}
