import { effectiveScopesOfToken, grantedScopesOf, isFinished, statusOf, type Token } from '../../../tokens/token.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Card, Facts } from '../../parts/facts.tsx';
import { ScopeTags } from '../../parts/token.tsx';

/** What a token can do, and where that comes from. */
export function RightsCard({ visit, token }: { visit: Visit; token: Token }) {
  const { scopes, role, owner } = token;
  const isOver = isFinished(statusOf(token, visit.now));
  const effective = isOver ? [] : effectiveScopesOfToken(token);
  const cutOff = isOver ? [] : grantedScopesOf(token).filter((scope) => !effective.includes(scope));
  return (
    <Card title="What it can do">
      <Facts
        facts={[
          ['Now', effective.length === 0 ? <strong>Nothing</strong> : <ScopeTags scopes={effective} />],
          ['Granted to it', scopes.length === 0 ? 'No scopes of its own' : <ScopeTags scopes={scopes} />],
          ['From its role', role === null ? 'It carries no role' : <RoleScopes visit={visit} role={role} />],
          ['Cut off by its owner', cutOff.length === 0 ? undefined : <ScopeTags scopes={cutOff} />],
        ]}
      />
      <p class="muted small">{reasonFor({ token, isOver, isCut: cutOff.length > 0 })}</p>
      {owner !== null && visit.may('listMembers') && (
        <p class="small">
          <a href={visit.at(`/members/${owner.id}`)}>See the roles of its owner</a>
        </p>
      )}
    </Card>
  );
}

function RoleScopes({ visit, role }: { visit: Visit; role: NonNullable<Token['role']> }) {
  return (
    <div class="stack-small">
      {visit.may('createRole') ? <a href={visit.at(`/roles/${role.id}`)}>{role.name}</a> : <span>{role.name}</span>}
      <ScopeTags scopes={role.scopes} />
    </div>
  );
}

function reasonFor({ token, isOver, isCut }: { token: Token; isOver: boolean; isCut: boolean }): string {
  if (isOver) return 'It is over, so it can do nothing any more.';
  const { owner } = token;
  const implied = 'Whoever may write a resource may also read it.';
  if (owner === null) return `It belongs to no member, so it can do all that it was given. ${implied}`;
  if (owner.isRemoved)
    return 'Its owner was removed, so it can do nothing until somebody else owns it. It keeps what it was given.';
  if (isCut) return `A token never has more than its owner’s roles grant at the moment. ${implied}`;
  return `Its owner’s roles grant all that it was given. Where they shrink, it shrinks with them. ${implied}`;
}
