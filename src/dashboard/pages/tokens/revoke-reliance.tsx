import type { TokenReliance } from '../../../introspection/usage/reliance.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Card } from '../../parts/facts.tsx';
import { Table } from '../../parts/table.tsx';
import { thousands } from '../../parts/times.ts';
import { When } from '../../parts/when.tsx';
import { IntrospectorsTable } from './detail-use.tsx';

interface RelianceProps {
  readonly visit: Visit;
  readonly reliance: TokenReliance;
}

/** Who relies on a token: what its end will break. */
export function RelianceReport({ visit, reliance }: RelianceProps) {
  const { lastUsedAt, lastUsedFrom, usesToday, usesIn7Days } = reliance;
  if (lastUsedAt === null)
    return <div class="alert">It was never used, as far as Tooken knows: nothing should break.</div>;
  return (
    <>
      <dl class="stats reliance">
        <div class="stat">
          <dt class="stat-label">Last used</dt>
          <dd>
            <When at={lastUsedAt} now={visit.now} />
            {lastUsedFrom !== null && <code class="small">{lastUsedFrom}</code>}
          </dd>
        </div>
        <Count label="Calls today" count={usesToday} />
        <Count label="Calls in 7 days" count={usesIn7Days} />
      </dl>
      <Sources visit={visit} reliance={reliance} />
      {reliance.introspectors.length > 0 && (
        <Card title="These services will refuse it" note="They were told that it is active in the last 30 days.">
          <IntrospectorsTable visit={visit} introspectors={reliance.introspectors} />
        </Card>
      )}
    </>
  );
}

function Count({ label, count }: { label: string; count: number }) {
  return (
    <div class="stat">
      <dt class="stat-label">{label}</dt>
      <dd class="stat-value">{thousands(count)}</dd>
    </div>
  );
}

function Sources({ visit, reliance: { sources } }: RelianceProps) {
  if (sources.length === 0) return null;
  return (
    <Card title="It will stop working from here" note="Where it came from and was good in the last 30 days.">
      <Table caption="Addresses that the token was good from" columns={['Address', 'Last seen', 'Times']}>
        {sources.map(({ source, lastSeenAt, uses }) => (
          <tr>
            <th scope="row" class="nowrap">
              {source === null ? <span class="muted">Not said</span> : <code>{source}</code>}
            </th>
            <td>
              <When at={lastSeenAt} now={visit.now} />
            </td>
            <td>{thousands(uses)}</td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}
