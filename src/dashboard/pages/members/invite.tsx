import { inviteMember, type MemberWithLink } from '../../../identity/members/invite.ts';
import { inviteMemberBody } from '../../../web/member-fields.ts';
import { type Draft, type Form, parseFields } from '../../kernel/form.ts';
import { ONCE_FIELD, onceKey, performOnce } from '../../kernel/once.ts';
import type { Pages } from '../../kernel/pages.ts';
import { seeOther, showOnce, type View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';
import { draftOf } from '../named/fields.ts';
import { readGroupings } from './groupings.tsx';
import { JOIN_TEXTS, linkView } from './link-once.tsx';
import { AccessField, GroupingsFields } from './member-fields.tsx';
import { memberPath, membersCrumb } from './member-path.ts';

/** Invites somebody, and shows the link by which that person joins. */
export function mountInvite(pages: Pages): void {
  pages.form('/members/invite', 'inviteMember', {
    show: (visit, draft) => showForm(visit, draftOf(draft, { access: 'member', [ONCE_FIELD]: onceKey(visit) })),
    async submit(visit, form) {
      const { services, caller } = visit;
      const input = parseFields(inviteMemberBody, fieldsOf(form));
      const outcome = await performOnce<MemberWithLink>(visit, form, {
        perform: (once) => inviteMember(services, caller, input, once),
        pathOf: ({ member }) => memberPath(visit, member),
      });
      if ('madeBefore' in outcome) return seeOther(outcome.madeBefore, MADE_BEFORE);
      const { member } = outcome.made;
      return showOnce(linkView(visit, outcome.made, { ...JOIN_TEXTS, title: `${member.name} is invited` }));
    },
  });
}

const MADE_BEFORE = 'This invitation was made before, and its link shown then. Invite again for a new link.';

function fieldsOf(form: Form): object {
  return {
    email: form.text('email'),
    name: form.text('name').trim() || undefined,
    access: form.has('access') ? form.text('access') : undefined,
    roles: form.all('roles'),
    groups: form.all('groups'),
  };
}

async function showForm(visit: Visit, draft: Draft): Promise<View> {
  return {
    title: 'Invite member',
    section: 'members',
    crumbs: [membersCrumb(visit)],
    body: (
      <div class="narrow stack">
        <p class="muted">
          You get a link to pass on, good for 72 hours. Whoever opens it chooses a password of their own, and can sign
          in.
        </p>
        <PageForm csrf={visit.csrf} draft={draft} submit="Invite member" cancel={visit.at('/members')}>
          <input type="hidden" name={ONCE_FIELD} value={draft.form.text(ONCE_FIELD)} />
          <TextField name="email" label="Email" type="email" draft={draft} placeholder="grace@example.com" required />
          <TextField
            name="name"
            label="Name"
            draft={draft}
            maxlength={128}
            hint="What is before the @ of the email unless you give one. The person can change it on joining."
            optional
          />
          <AccessField visit={visit} draft={draft} />
          <GroupingsFields visit={visit} draft={draft} groupings={await readGroupings(visit)} />
        </PageForm>
      </div>
    ),
  };
}
