import type { MemberId } from '../../../lib/ids.ts';
import { reassignToken } from '../../../tokens/reassign.ts';
import { effectiveScopesOfToken, grantedScopesOf, type Token } from '../../../tokens/token.ts';
import type { TokenChange } from '../../../tokens/update.ts';
import { reassignFields } from '../../../web/token-change-fields.ts';
import { type Draft, type Form, parseFields } from '../../kernel/form.ts';
import type { Pages } from '../../kernel/pages.ts';
import { type Outcome, seeOther, type View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { effectiveOn } from '../../parts/effective.ts';
import { TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';
import { counted } from '../../parts/times.ts';
import { draftOf, textOrNull } from '../named/fields.ts';
import { isOver, noFormView, overSentence } from './detail-over.tsx';
import { belowToken, tokenOf, tokenPath } from './detail-token.ts';
import { ReferenceField } from './reference-field.tsx';
import { readOwners } from './references.ts';

/** Gives a token another owner. */
export function mountReassignToken(pages: Pages): void {
  pages.form('/tokens/:id/reassign', 'reassignToken', { show, submit });
}

const NOBODY = 'The workspace, no member';

async function show(visit: Visit, sent: Draft): Promise<View> {
  const token = await tokenOf(visit);
  if (isOver(token, visit.now)) {
    const why = `${overSentence(token, visit.now)}, and nobody can use it any more.`;
    return noFormView(visit, token, { title: 'This token cannot be reassigned', why });
  }
  const owners = (await readOwners(visit)) ?? { items: [], areAll: true };
  const present = token.owner !== null && !token.owner.isRemoved ? token.owner.id : '';
  const draft = draftOf(sent, { owner: present });
  return {
    ...belowToken(visit, token),
    title: 'Reassign token',
    body: (
      <div class="narrow stack">
        <p>
          It belongs to {token.owner === null ? 'the workspace' : <bdi>{token.owner.name}</bdi>}
          {token.owner?.isRemoved === true && ', who was removed, so it does not work at the moment'}. Services are told
          whose it is.
        </p>
        <p>
          The token keeps its scopes and its role: what the roles of the new owner do not grant is cut off while it is
          theirs. Its secret stays the same, so rotate it afterwards if whoever has it must not have it any more.
        </p>
        <PageForm csrf={visit.csrf} draft={draft} submit="Reassign token" cancel={tokenPath(visit, token)}>
          <ReferenceField name="owner" label="New owner" draft={draft} references={owners} none={NOBODY} />
          <TextField
            name="reason"
            label="Reason"
            draft={draft}
            maxlength={1024}
            optional
            hint="Kept in the audit log."
          />
        </PageForm>
      </div>
    ),
  };
}

async function submit(visit: Visit, form: Form): Promise<Outcome> {
  const before = await tokenOf(visit);
  const { owner, reason } = parseFields(reassignFields, {
    owner: form.text('owner').trim() || null,
    reason: textOrNull(form, 'reason'),
  });
  const input = { ownerId: owner as MemberId | null, reason };
  const change = await reassignToken(visit.services, visit.caller, before.id, input);
  return seeOther(tokenPath(visit, before), noticeOf(before, change));
}

function noticeOf(before: Token, { token, effective }: TokenChange): string {
  const whose = token.owner === null ? 'the workspace' : token.owner.name;
  if (token.owner?.id === before.owner?.id) return `Token “${token.name}” belongs to ${whose} already.`;
  const lost = grantedScopesOf(token).length - effectiveScopesOfToken(token).length;
  const cut = lost === 0 ? '' : ` The roles of its owner cut off ${counted(lost, 'scope')}.`;
  return `Token “${token.name}” belongs to ${whose} now, ${effectiveOn(effective)}.${cut}`;
}
