import type { ProjectId } from '../../../lib/ids.ts';
import type { Token } from '../../../tokens/token.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Table } from '../../parts/table.tsx';
import { Hint, ScopeTags, TokenStatus } from '../../parts/token.tsx';
import { When } from '../../parts/when.tsx';

const MAX_SCOPES = 3;

interface TokenTableProps {
  readonly visit: Visit;
  readonly tokens: readonly Token[];
  readonly projects: ReadonlyMap<ProjectId, string>;
}

export function TokenTable({ visit, tokens, projects }: TokenTableProps) {
  const { access } = visit.caller.principal;
  const showsOwner = access !== 'member' && tokens.some(({ owner }) => owner !== null);
  const showsProject = tokens.some(({ projectId }) => projectId !== null);
  const belongs = [showsOwner && 'Owner', showsProject && 'Project'].filter((word) => word !== false);
  const columns = ['Token', 'Status', 'Scopes', ...belongs, 'Created', 'Expires', 'Last used'];
  return (
    <div class="tokens">
      <Table caption="Tokens, newest first" columns={columns}>
        {tokens.map((token) => (
          <tr>
            <th scope="row" class="cell-name">
              <a href={visit.at(`/tokens/${token.id}`)}>
                <bdi>{token.name}</bdi>
              </a>
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
            {showsOwner && (
              <td class="cell-belongs">
                <bdi>{token.owner?.name ?? ''}</bdi>
              </td>
            )}
            {showsProject && (
              <td class="cell-belongs">
                <bdi>{(token.projectId && projects.get(token.projectId)) ?? ''}</bdi>
              </td>
            )}
            <td>
              <When at={token.createdAt} now={visit.now} />
            </td>
            <td>
              <When at={token.expiresAt} now={visit.now} />
            </td>
            <td>
              <When at={token.lastUsedAt} now={visit.now} />
            </td>
          </tr>
        ))}
      </Table>
    </div>
  );
}
