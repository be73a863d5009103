import type { Page } from '../../../lib/page.ts';
import type { Token } from '../../../tokens/token.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Card } from '../../parts/facts.tsx';
import { Table } from '../../parts/table.tsx';
import { Hint, ScopeTags, TokenStatus } from '../../parts/token.tsx';
import { When } from '../../parts/when.tsx';

interface TokensCardProps {
  readonly visit: Visit;
  readonly title: string;
  /** Said where there is none. */
  readonly none: string;
  /** The newest of them. */
  readonly tokens: Page<Token>;
  /** The list of all of them. */
  readonly href: string;
}

/** The newest tokens of a role or a project in the environment of the visit, and the way to the others. */
export function TokensCard({ visit, title, none, tokens: { items, nextCursor }, href }: TokensCardProps) {
  return (
    <Card
      title={title}
      {...(items.length > 0 && {
        actions: <a href={href}>{nextCursor === null ? 'Open as a list' : 'See all of them'}</a>,
      })}
    >
      {items.length === 0 ? (
        <p class="muted">{none}</p>
      ) : (
        <Table caption={title} columns={['Token', 'Status', 'Own scopes', 'Last used']}>
          {items.map((token) => (
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
                {token.scopes.length === 0 ? (
                  <span class="muted">none</span>
                ) : (
                  <ScopeTags scopes={token.scopes} max={3} />
                )}
              </td>
              <td>
                <When at={token.lastUsedAt} now={visit.now} />
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}
