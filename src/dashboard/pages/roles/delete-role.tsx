import { ROLE, type Role } from '../../../identity/named/kind.ts';
import { readGroupSizes } from '../../../tokens/group-sizes.ts';
import { deleteRole } from '../../../tokens/roles/delete.ts';
import { countHoldersOf } from '../../../tokens/roles/use.ts';
import type { Pages } from '../../kernel/pages.ts';
import { seeOther } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { PageForm } from '../../parts/form.tsx';
import { counted } from '../../parts/times.ts';
import { findNamed } from '../named/find.ts';
import { tokensText, totalOf } from '../named/size.tsx';
import { crumbsTo } from './sections.tsx';

export function mountDeleteRole(pages: Pages): void {
  pages.form('/roles/:id/delete', 'deleteRole', {
    async show(visit, draft) {
      const role = await findNamed(visit, ROLE);
      const { services, caller } = visit;
      const [sizes, holders] = await Promise.all([
        readGroupSizes(services, caller, 'role_id', [role.id]),
        countHoldersOf(services, caller, [role.id]),
      ]);
      const size = sizes?.get(role.id) ?? { live: 0, test: 0, isMore: false };
      const members = holders.get(role.id) ?? 0;
      const page = visit.at(`/roles/${role.id}`);
      const isInUse = totalOf(size) + members > 0;
      return {
        title: 'Delete role',
        section: 'roles',
        crumbs: crumbsTo(visit, { title: role.name, href: page }),
        body: (
          <div class="narrow stack">
            {isInUse ? (
              <InUse
                visit={visit}
                role={role}
                tokens={totalOf(size) === 0 ? undefined : tokensText(totalOf(size), size)}
                members={members}
              />
            ) : (
              <PageForm csrf={visit.csrf} draft={draft} submit="Delete role" cancel={page} danger>
                <p>
                  No token that could be used carries the role <strong>{role.name}</strong>, and no member holds it, so
                  nothing stops working. Revoked and expired tokens lose it. This cannot be undone.
                </p>
              </PageForm>
            )}
          </div>
        ),
      };
    },
    async submit(visit) {
      const { id, name } = await findNamed(visit, ROLE);
      await deleteRole(visit.services, visit.caller, id);
      return seeOther(visit.at('/roles'), `Role “${name}” is deleted.`);
    },
  });
}

interface InUseProps {
  readonly visit: Visit;
  readonly role: Role;
  /** How many carry it; undefined where none does. */
  readonly tokens: string | undefined;
  readonly members: number;
}

function InUse({ visit, role, tokens, members }: InUseProps) {
  const by = [
    ...(tokens === undefined ? [] : [`${tokens} of both environments together`]),
    ...(members === 0 ? [] : [counted(members, 'member')]),
  ];
  return (
    <>
      <p class="alert alert-warn">
        <span>
          The role <strong>{role.name}</strong> is in use by {by.join(', and by ')}. As long as it is, it cannot be
          deleted.
        </span>
      </p>
      <p>
        {tokens === undefined ? 'Take it from them first.' : 'Give them another role, or revoke the tokens.'} To take
        rights away at once, edit what the role grants instead.
      </p>
      <p class="actions">
        {tokens !== undefined && (
          <a class="button" href={visit.at(`/tokens?role=${role.id}`)}>
            Look at the tokens
          </a>
        )}
        {members > 0 && (
          <a class="button" href={visit.at(`/members?role=${role.id}`)}>
            Look at the members
          </a>
        )}
        <a class="button" href={visit.at(`/roles/${role.id}/edit`)}>
          Edit role
        </a>
      </p>
    </>
  );
}
