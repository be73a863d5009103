import { createMember } from '../../../identity/members/create.ts';
import type { Member } from '../../../identity/members/member.ts';
import { createMemberBody } from '../../../web/member-fields.ts';
import { type Draft, parseFields } from '../../kernel/form.ts';
import { ONCE_FIELD, onceKey, performOnce } from '../../kernel/once.ts';
import type { Pages } from '../../kernel/pages.ts';
import { seeOther, type View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';
import { draftOf } from '../named/fields.ts';
import { readGroupings } from './groupings.tsx';
import { GroupingsFields } from './member-fields.tsx';
import { memberPath, membersCrumb } from './member-path.ts';

/** Adds a member that never signs in: what an integration's tokens belong to. */
export function mountNewMember(pages: Pages): void {
  pages.form('/members/new', 'createMember', {
    show: (visit, draft) => showForm(visit, draftOf(draft, { [ONCE_FIELD]: onceKey(visit) })),
    async submit(visit, form) {
      const { services, caller } = visit;
      const { name, roles, groups } = parseFields(createMemberBody, {
        name: form.text('name'),
        roles: form.all('roles'),
        groups: form.all('groups'),
      });
      const outcome = await performOnce<Member>(visit, form, {
        perform: (once) => createMember(services, caller, { name, roles, groups }, once),
        pathOf: (member) => memberPath(visit, member),
      });
      if ('madeBefore' in outcome) return seeOther(outcome.madeBefore);
      return seeOther(memberPath(visit, outcome.made), `“${outcome.made.name}” is there. Issue tokens for it.`);
    },
  });
}

async function showForm(visit: Visit, draft: Draft): Promise<View> {
  return {
    title: 'Add account',
    section: 'members',
    crumbs: [membersCrumb(visit)],
    body: (
      <div class="narrow stack">
        <p class="muted">
          For a program rather than a person: it owns tokens, which can do what its roles allow, and never signs in. You
          issue its tokens for it.
        </p>
        <PageForm csrf={visit.csrf} draft={draft} submit="Add account" cancel={visit.at('/members')}>
          <input type="hidden" name={ONCE_FIELD} value={draft.form.text(ONCE_FIELD)} />
          <TextField name="name" label="Name" draft={draft} maxlength={128} placeholder="billing sync" required />
          <GroupingsFields visit={visit} draft={draft} groupings={await readGroupings(visit)} />
        </PageForm>
      </div>
    ),
  };
}
