import type { Token } from '../../../tokens/token.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Card } from '../../parts/facts.tsx';
import { Table } from '../../parts/table.tsx';
import { absoluteTime, relativeTime, thousands } from '../../parts/times.ts';
import { When } from '../../parts/when.tsx';
import { tokenPath } from './detail-token.ts';
import { Introspector } from './detail-use.tsx';
import type { Names } from './detail-who.tsx';

/** Until when the secret before the last rotation works; undefined once it does not. */
export function overlapEnd({ previousSecretValidUntil, revokedAt }: Token, now: Date): Date | undefined {
  const isRunning = previousSecretValidUntil !== null && previousSecretValidUntil > now && revokedAt === null;
  return isRunning ? previousSecretValidUntil : undefined;
}

interface OverlapProps {
  readonly visit: Visit;
  readonly token: Token;
  readonly names: Names;
}

/** While two secrets open a token: how long that lasts, and who would notice its end. */
export function OverlapCard({ visit, token, names }: OverlapProps) {
  const end = overlapEnd(token, visit.now);
  if (end === undefined) return null;
  return (
    <Card
      title="Two secrets work at the moment"
      actions={
        visit.may('finishRotation') && (
          <a class="button" href={tokenPath(visit, token, '/finish-rotation')}>
            Finish rotation
          </a>
        )
      }
    >
      <p>
        The previous secret stops {relativeTime(end, visit.now)}, on {absoluteTime(end)}. Whoever has not changed to the
        new one by then is refused.
      </p>
      <PreviousUses visit={visit} token={token} names={names} />
    </Card>
  );
}

/** Who has used the previous secret since the rotation. */
export function PreviousUses({ visit, token: { previousSecretUses }, names }: OverlapProps) {
  if (previousSecretUses.length === 0)
    return (
      <p>
        No use of the previous secret is known since the rotation, so nobody should miss it. One that happens now is
        here a few seconds later.
      </p>
    );
  return (
    <>
      <p>
        <strong>The previous secret is still used:</strong>
      </p>
      <Table caption="Who still uses the previous secret" columns={['Came from', 'Introspector', 'Last used', 'Times']}>
        {previousSecretUses.map(({ introspectorId, source, lastUsedAt, count }) => (
          <tr>
            <th scope="row" class="nowrap">
              {source === null ? <span class="muted">Not said</span> : <code>{source}</code>}
            </th>
            <td class="cell-name">
              <Introspector id={introspectorId} names={names} visit={visit} />
            </td>
            <td>
              <When at={lastUsedAt} now={visit.now} />
            </td>
            <td>{thousands(count)}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}
