import type { Member } from '../../../identity/members/member.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Table } from '../../parts/table.tsx';
import { When } from '../../parts/when.tsx';
import { AccessBadge } from './access.tsx';
import { memberPath } from './member-path.ts';
import { SecondFactorBadge, StatusBadge } from './status.tsx';

const COLUMNS = ['Member', 'Access', 'Status', 'Roles', 'Groups', 'Second factor', 'Last signed in'];

export function MemberTable({ visit, members }: { visit: Visit; members: readonly Member[] }) {
  return (
    <Table caption="Members" columns={COLUMNS}>
      {members.map((member) => (
        <MemberRow visit={visit} member={member} />
      ))}
    </Table>
  );
}

function MemberRow({ visit, member }: { visit: Visit; member: Member }) {
  const { id, name, email, access, roles, groups, canSignIn, lastSignedInAt } = member;
  return (
    <tr>
      <th scope="row" class="cell-name cell-member">
        <a href={memberPath(visit, member)}>
          <bdi>{name}</bdi>
        </a>
        {id === visit.caller.principal.id && <span class="muted"> (you)</span>}
        {email !== null && <span class="small">{email}</span>}
        {!canSignIn && <span class="small">Account that only owns tokens</span>}
      </th>
      <td>
        <AccessBadge access={access} />
      </td>
      <td>
        <StatusBadge member={member} />
      </td>
      <td class="cell-tags">
        <Names names={roles} />
      </td>
      <td class="cell-tags">
        <Names names={groups} />
      </td>
      <td>
        <SecondFactorBadge member={member} />
      </td>
      <td>
        <When at={lastSignedInAt} now={visit.now} />
      </td>
    </tr>
  );
}

const MAX_NAMES = 3;

function Names({ names }: { names: readonly { readonly name: string }[] }) {
  if (names.length === 0) return <span class="muted">–</span>;
  const shown = names.length <= MAX_NAMES + 1 ? names : names.slice(0, MAX_NAMES);
  const rest = names.slice(shown.length);
  return (
    <span class="tags">
      {shown.map(({ name }) => (
        <span class="tag">{name}</span>
      ))}
      {rest.length > 0 && (
        <span class="tag" title={rest.map(({ name }) => name).join(', ')}>
          +{rest.length}
        </span>
      )}
    </span>
  );
}
