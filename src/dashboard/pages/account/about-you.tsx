import type { Member } from '../../../identity/members/member.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Card, Facts } from '../../parts/facts.tsx';
import { ScopeTags } from '../../parts/token.tsx';
import { ACCESS_TEXTS, AccessBadge } from '../members/access.tsx';

/** Whom the workspace takes the member for. */
export function AboutYou({ visit, member }: { visit: Visit; member: Member }) {
  const { scopes } = visit.session.member;
  return (
    <Card title="About you">
      <Facts
        facts={[
          ['Name', <bdi>{member.name}</bdi>],
          ['Email', member.email ?? undefined],
          ['Workspace', <bdi>{visit.session.workspace.name}</bdi>],
          [
            'Access',
            <>
              <AccessBadge access={member.access} />
              <span class="hint">{ACCESS_TEXTS[member.access].allows}</span>
            </>,
          ],
          ['Roles', <Named items={member.roles} none="None: tokens of your own could do nothing." />],
          ['They grant', scopes.length === 0 ? undefined : <ScopeTags scopes={scopes} max={12} />],
          ['Groups', member.groups.length === 0 ? undefined : <Named items={member.groups} none="" />],
        ]}
      />
      <p class="hint">
        {visit.may('updateMember') ? (
          <>
            You change this on <a href={visit.at(`/members/${member.id}`)}>your page among the members</a>.
          </>
        ) : (
          'An owner or admin of the workspace changes this.'
        )}
      </p>
    </Card>
  );
}

function Named({ items, none }: { items: readonly { readonly name: string }[]; none: string }) {
  if (items.length === 0) return <span class="muted">{none}</span>;
  return (
    <span class="tags">
      {items.map(({ name }) => (
        <bdi class="tag">{name}</bdi>
      ))}
    </span>
  );
}
