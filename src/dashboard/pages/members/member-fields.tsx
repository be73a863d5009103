import type { Child } from 'hono/jsx';
import { managedLevels } from '../../../identity/members/authority.ts';
import type { Member } from '../../../identity/members/member.ts';
import type { Draft } from '../../kernel/form.ts';
import type { Visit } from '../../kernel/visit.ts';
import { ChoicesField } from '../../parts/choice-field.tsx';
import { ACCESS_TEXTS } from './access.tsx';
import { choicesOf, type Groupings } from './groupings.tsx';

/** The accesses that the visitor may give, each with what it allows. */
export function AccessField({ visit, draft, hint }: { visit: Visit; draft: Draft; hint?: Child }) {
  const choices = managedLevels(visit.caller.principal.access).map((level) => ({
    value: level,
    label: ACCESS_TEXTS[level].title,
    hint: ACCESS_TEXTS[level].allows,
  }));
  return (
    <ChoicesField
      name="access"
      label="Access"
      type="radio"
      draft={draft}
      choices={choices}
      {...(hint !== undefined && { hint })}
    />
  );
}

interface GroupingsFieldsProps {
  readonly visit: Visit;
  readonly draft: Draft;
  readonly groupings: Groupings;
  /** Whose they are, if it has some. */
  readonly member?: Pick<Member, 'roles' | 'groups'>;
  readonly rolesHint?: Child;
}

/** Roles and groups, of which any number can be chosen. */
export function GroupingsFields({ visit, draft, groupings, member, rolesHint }: GroupingsFieldsProps) {
  const roles = choicesOf(groupings.roles, member?.roles);
  const groups = choicesOf(groupings.groups, member?.groups);
  return (
    <>
      {roles.length > 0 ? (
        <ChoicesField
          name="roles"
          label="Roles"
          type="checkbox"
          draft={draft}
          choices={roles}
          hint={rolesHint ?? 'Tokens of this member can do what the roles grant, and no more.'}
        />
      ) : (
        <NoneYet title="Roles">
          There are no roles yet, and without one a member’s tokens can do nothing.{' '}
          <a href={visit.at('/roles')}>Create a role</a> first, or give one later.
        </NoneYet>
      )}
      {groups.length > 0 && (
        <ChoicesField
          name="groups"
          label="Groups"
          type="checkbox"
          inline={groups.every(({ hint }) => hint === undefined)}
          draft={draft}
          choices={groups}
          hint="They change nothing here: services that introspect a member’s tokens are told of them."
        />
      )}
    </>
  );
}

function NoneYet({ title, children }: { title: string; children: Child }) {
  return (
    <div class="field">
      <span class="label">{title}</span>
      <p class="hint">{children}</p>
    </div>
  );
}
