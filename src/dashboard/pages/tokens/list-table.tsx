import type { ProjectId } from '../../../lib/ids.ts';
import type { Token } from '../../../tokens/token.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Table } from '../../parts/table.tsx';
import { absoluteDay, absoluteTime, relativeTime } from '../../parts/times.ts';
import { Hint, ScopeTags, TokenStatus } from '../../parts/token.tsx';
import { When } from '../../parts/when.tsx';

const MAX_SCOPES = 3;

interface TokenTableProps {
  readonly visit: Visit;
  readonly tokens: readonly Token[];
  readonly projects: ReadonlyMap<ProjectId, string>;
}

export function TokenTable({ visit, tokens, projects }: TokenTableProps) {
  const showsOwner = visit.caller.principal.access !== 'member';
  const showsBelonging = tokens.some(({ owner, projectId }) => (showsOwner && owner !== null) || projectId !== null);
  const belonging = showsBelonging ? ['Belongs to'] : [];
  const columns = ['Token', 'Status', 'Scopes', ...belonging, 'Created', 'Expires', 'Last used'];
  return (
    <div class="tokens">
      <Table caption="Tokens, newest first" columns={columns}>
        {tokens.map((token) => (
          <tr>
            <th scope="row" class="cell-name">
              <a href={visit.at(`/tokens/${token.id}`)}>
                <bdi>{token.name}</bdi>
              </a>
              {token.description !== null && (
                <span class="small token-note">
                  <bdi>{token.description}</bdi>
                </span>
              )}
              <Hint hint={token.hint} />
            </th>
            <td>
              <TokenStatus token={token} now={visit.now} />
            </td>
            <td class="cell-scopes">
              {token.role !== null && (
                <span class="token-role">
                  Role <bdi>{token.role.name}</bdi>
                </span>
              )}
              {token.scopes.length > 0 && <ScopeTags scopes={token.scopes} max={MAX_SCOPES} />}
            </td>
            {showsBelonging && (
              <td class="cell-belongs">
                {showsOwner && token.owner !== null && <bdi>{token.owner.name}</bdi>}
                {token.projectId !== null && <bdi class="muted">{projects.get(token.projectId)}</bdi>}
              </td>
            )}
            <td>
              <time class="when" datetime={token.createdAt.toISOString()} title={absoluteTime(token.createdAt)}>
                {relativeTime(token.createdAt, visit.now)} <span class="exact">{absoluteDay(token.createdAt)}</span>
              </time>
            </td>
            <td>
              <When at={token.expiresAt} now={visit.now} none="Never" />
            </td>
            <td>
              <When at={token.lastUsedAt} now={visit.now} none="Never" />
            </td>
          </tr>
        ))}
      </Table>
    </div>
  );
}
