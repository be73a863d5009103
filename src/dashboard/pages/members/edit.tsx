import { isManager } from '../../../identity/access-level.ts';
import { changeMember } from '../../../identity/members/change.ts';
import { getManaged, getMember } from '../../../identity/members/list.ts';
import type { Member } from '../../../identity/members/member.ts';
import { countOwnedTokens } from '../../../tokens/owned.ts';
import { updateMemberBody } from '../../../web/member-fields.ts';
import { type Draft, type Form, parseFields } from '../../kernel/form.ts';
import type { Pages } from '../../kernel/pages.ts';
import { seeOther, type View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { effectiveOn } from '../../parts/effective.ts';
import { Facts } from '../../parts/facts.tsx';
import { TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';
import { draftOf, expectedBy, isStale, REVISION_FIELD } from '../named/fields.ts';
import { ChangedMeanwhile } from '../named/stale.tsx';
import { ACCESS_TEXTS } from './access.tsx';
import { readGroupings } from './groupings.tsx';
import { AccessField, GroupingsFields } from './member-fields.tsx';
import { memberCrumbs, memberIdOf, memberPath } from './member-path.ts';
import { ownedTokensPhrase } from './owned-tokens.tsx';

/** Changes what a member is called, where it reads mail, and what it and its tokens may do. */
export function mountEdit(pages: Pages): void {
  pages.form('/members/:id/edit', 'updateMember', {
    async show(visit, draft) {
      const member = await getManaged(visit.services, visit.caller, memberIdOf(visit));
      return showForm(visit, member, draft);
    },
    async submit(visit, form) {
      const { services, caller } = visit;
      const id = memberIdOf(visit);
      const { canSignIn } = await getMember(services, caller, id);
      const change = parseFields(updateMemberBody, fieldsOf(form, canSignIn));
      const { member, effective } = await changeMember(services, caller, id, change, expectedBy(form));
      const path = seesMembers(visit, member) ? memberPath(visit, member) : visit.at('/overview');
      return seeOther(path, `“${member.name}” is changed, ${effectiveOn(effective)}.`);
    },
  });
}

/** Who takes its own access away is shown what is left of it. */
function seesMembers(visit: Visit, { id, access }: Member): boolean {
  return id !== visit.caller.principal.id || isManager(access);
}

function valuesOf({ name, email, access, roles, groups }: Member) {
  return {
    name,
    email: email ?? '',
    access,
    roles: roles.map(({ id }) => id),
    groups: groups.map(({ id }) => id),
  };
}

/** Boxes that are not ticked are not sent: no roles are meant by none. */
function fieldsOf(form: Form, canSignIn: boolean): object {
  return {
    name: form.text('name'),
    roles: form.all('roles'),
    groups: form.all('groups'),
    ...(canSignIn && {
      email: form.text('email').trim() || undefined,
      access: form.has('access') ? form.text('access') : undefined,
    }),
  };
}

async function showForm(visit: Visit, member: Member, sent: Draft): Promise<View> {
  const draft = draftOf(sent, valuesOf(member));
  const [groupings, tokens] = await Promise.all([
    readGroupings(visit),
    countOwnedTokens(visit.services, visit.caller, member.id),
  ]);
  const owned = ownedTokensPhrase(tokens) ?? 'no tokens now';
  return {
    title: `Edit ${member.name}`,
    section: 'members',
    crumbs: memberCrumbs(visit, member),
    body: (
      <div class="narrow stack">
        <p class="muted">
          What is taken away is gone at once and on every replica by the time this page answers. Sessions go on, with
          what is left.
        </p>
        {isStale(sent, member) && (
          <ChangedMeanwhile>
            <Present member={member} />
          </ChangedMeanwhile>
        )}
        <PageForm csrf={visit.csrf} draft={draft} submit="Save changes" cancel={memberPath(visit, member)}>
          <input type="hidden" name={REVISION_FIELD} value={String(member.revision)} />
          <TextField name="name" label="Name" draft={draft} maxlength={128} required />
          {member.canSignIn && (
            <>
              <TextField name="email" label="Email" type="email" draft={draft} hint={emailHint(visit, member)} />
              <AccessField
                visit={visit}
                draft={draft}
                hint="With less access, pages and calls beyond it are refused from the next click on, and links made for others by this member are dead."
              />
            </>
          )}
          <GroupingsFields
            visit={visit}
            draft={draft}
            groupings={groupings}
            member={member}
            rolesHint={`This member owns ${owned}. They never do more than the roles above: take one away, and they lose at once what no other grants.`}
          />
        </PageForm>
      </div>
    ),
  };
}

function Present({ member: { name, email, access, roles, groups } }: { member: Member }) {
  const named = (items: readonly { readonly name: string }[]) => items.map((item) => item.name).join(', ') || 'none';
  return (
    <Facts
      facts={[
        ['Name', name],
        ['Email', email ?? undefined],
        ['Access', ACCESS_TEXTS[access].title],
        ['Roles', named(roles)],
        ['Groups', named(groups)],
      ]}
    />
  );
}

function emailHint({ services }: Visit, { status }: Member): string {
  const told = services.mailer.isConfigured ? ' The address before is told of the change.' : '';
  return status === 'invited'
    ? `Another address kills the link that was made for this one: invite again afterwards.${told}`
    : `It is what this member signs in with.${told}`;
}
