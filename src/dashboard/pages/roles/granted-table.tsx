import { effectiveScopes, isReservedScope, type Scope } from '../../../identity/scopes.ts';
import type { ScopeChoice } from '../../../tokens/scope-choices.ts';
import { Badge } from '../../parts/badge.tsx';
import { reservedText } from '../../parts/reserved-scopes.ts';
import { Table } from '../../parts/table.tsx';

interface GrantedTableProps {
  readonly caption: string;
  /** As granted. */
  readonly scopes: readonly Scope[];
  /** What there is to say of scopes. */
  readonly known: readonly ScopeChoice[];
}

/** What somebody can do who has these scopes: each with what it means, the implied reads among them. */
export function GrantedTable({ caption, scopes, known }: GrantedTableProps) {
  return (
    <Table caption={caption} columns={['Scope', 'What it allows']}>
      {effectiveScopes(scopes).map((scope) => (
        <tr>
          <th scope="row" class="cell-scope">
            <code>{scope}</code>
          </th>
          <td>
            <Meaning scope={scope} isGranted={scopes.includes(scope)} known={known} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Meaning({ scope, isGranted, known }: { scope: Scope; isGranted: boolean; known: readonly ScopeChoice[] }) {
  const description = known.find(({ name }) => name === scope)?.description ?? null;
  const implied = isGranted ? null : <span class="muted">implied by {scope.replace(/:read$/, ':write')}</span>;
  if (isReservedScope(scope)) {
    return (
      <>
        <span class="lines">{reservedText(scope)}</span> {implied ?? <Badge tone="warn">reaches Tooken itself</Badge>}
      </>
    );
  }
  return (
    <>
      {description !== null && <bdi class="lines">{description}</bdi>} {implied}
      {description === null && implied === null && <span class="muted">Nothing is said of it.</span>}
    </>
  );
}
