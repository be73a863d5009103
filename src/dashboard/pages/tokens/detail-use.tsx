import type { TokenReliance } from '../../../introspection/usage/reliance.ts';
import type { TokenUses } from '../../../introspection/usage/token-uses.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Card } from '../../parts/facts.tsx';
import { Table } from '../../parts/table.tsx';
import { thousands } from '../../parts/times.ts';
import { UseCard } from '../../parts/use-card.tsx';
import { When } from '../../parts/when.tsx';
import { type Names, Who } from './detail-who.tsx';

/** How often a token was used over time, or that it was not. */
export function UseOverTime({ activity }: Pick<TokenUses, 'activity'>) {
  if (activity.days.some(({ accepted, denied }) => accepted + denied > 0)) return <UseCard activity={activity} />;
  return (
    <Card title="Use">
      <p class="muted">It was not presented to any service in the last 30 days.</p>
    </Card>
  );
}

/** Where a token came from within the last 30 days, and how often it was not good there. */
export function SourcesCard({ visit: { now }, sources }: { visit: Visit; sources: TokenUses['sources'] }) {
  if (sources.length === 0) return null;
  return (
    <Card title="Where it came from" note="The latest addresses of the last 30 days.">
      <Table
        caption="Addresses that the token came from"
        columns={['Address', 'First seen', 'Last seen', 'Good', 'Denied']}
      >
        {sources.map(({ source, firstSeenAt, lastSeenAt, accepted, denied }) => (
          <tr>
            <th scope="row" class="nowrap">
              {source === null ? <span class="muted">Not said</span> : <code>{source}</code>}
            </th>
            <td>
              <When at={firstSeenAt} now={now} none="unknown" />
            </td>
            <td>
              <When at={lastSeenAt} now={now} />
            </td>
            <td>{thousands(accepted)}</td>
            <td>{denied === 0 ? '0' : <strong class="bad">{thousands(denied)}</strong>}</td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}

interface IntrospectorsProps {
  readonly visit: Visit;
  readonly introspectors: TokenReliance['introspectors'];
}

/** To whom a token was good within the last 30 days. */
export function IntrospectorsCard(props: IntrospectorsProps) {
  if (props.introspectors.length === 0) return null;
  return (
    <Card title="Who was shown it" note="Those to whom it was good in the last 30 days.">
      <IntrospectorsTable {...props} />
    </Card>
  );
}

export function IntrospectorsTable({ visit, introspectors }: IntrospectorsProps) {
  const names: Names = new Map(introspectors.map(({ introspectorId, name }) => [introspectorId ?? '', name ?? '']));
  return (
    <Table caption="Who was shown the token" columns={['Introspector', 'Last asked', 'Times']}>
      {introspectors.map(({ introspectorId, name, lastUsedAt, uses }) => (
        <tr>
          <th scope="row" class="cell-name">
            <Introspector id={introspectorId} names={name === null ? NO_NAMES : names} visit={visit} />
          </th>
          <td>
            <When at={lastUsedAt} now={visit.now} />
          </td>
          <td>{thousands(uses)}</td>
        </tr>
      ))}
    </Table>
  );
}

const NO_NAMES: Names = new Map();

/** Who was shown a token; nobody was when it called Tooken itself. */
export function Introspector({ id, names, visit }: { id: string | null; names: Names; visit: Visit }) {
  return id === null ? <>Tooken itself</> : <Who id={id} names={names} visit={visit} />;
}
