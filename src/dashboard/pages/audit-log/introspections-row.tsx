import type { AuditEvent } from '../../../audit/events/event.ts';
import type { ReadRecord } from '../../../introspection/recorded/read.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Badge } from '../../parts/badge.tsx';
import { Exact } from '../../parts/when.tsx';
import { Erased } from './event-links.tsx';

interface RowProps {
  readonly visit: Visit;
  readonly event: AuditEvent;
  readonly record: ReadRecord;
  readonly names: ReadonlyMap<string, string>;
}

/** One introspection: of what, with which answer, by whom, from where. */
export function IntrospectionRow({ visit, event, record, names }: RowProps) {
  const { position, token, outcome, secret, introspector, required_scope: scope } = record;
  const places = JSON.parse(record.line) as { readonly source: number | null; readonly client: number | null };
  return (
    <tr>
      <td class="nowrap">
        <Exact at={new Date(record.at)} />
      </td>
      <td class="cell-name">
        {token === null ? <span class="muted">none of ours</span> : <Named visit={visit} id={token} names={names} />}
        {secret === 'previous' && <span class="small">by its previous secret</span>}
      </td>
      <td>
        <Badge tone={outcome === 'active' ? 'good' : 'warn'}>{outcome.replaceAll('_', ' ')}</Badge>
      </td>
      <td class="cell-name">
        <Named visit={visit} id={introspector} names={names} />
      </td>
      <td>{scope === null ? <span class="muted">none</span> : <span class="tag">{scope}</span>}</td>
      <td>
        <Address address={record.source} place={places.source} />
      </td>
      <td>
        <Address address={record.client} place={places.client} />
      </td>
      <td>
        <a
          href={visit.at(`/audit-log/${event.id}/introspections/${position}/proof.json`)}
          download={`${event.id}-${position}.json`}
          aria-label={`JSON of introspection ${position + 1}`}
        >
          JSON
        </a>
      </td>
    </tr>
  );
}

/** What is not there any more has no name, and no page. */
function Named({ visit, id, names }: Pick<RowProps, 'visit' | 'names'> & { id: string }) {
  const name = names.get(id);
  const isKey = id.startsWith('key_');
  const label = <bdi>{name}</bdi>;
  return (
    <>
      {name !== undefined &&
        (visit.may(isKey ? 'getApiKey' : 'getToken') ? (
          <a href={visit.at(`/${isKey ? 'keys' : 'tokens'}/${id}`)}>{label}</a>
        ) : (
          label
        ))}
      <code>{id}</code>
    </>
  );
}

function Address({ address, place }: { address: string | null; place: number | null }) {
  if (address !== null) return <code>{address}</code>;
  return place === null ? <span class="muted">not told</span> : <Erased />;
}
