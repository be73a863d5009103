import { toBase64 } from '../../../audit/core/base64.ts';
import { parseSize } from '../../../audit/core/size.ts';
import type { AuditEvent } from '../../../audit/events/event.ts';
import { listRecords, proveRecord, type ReadRecord } from '../../../introspection/recorded/read.ts';
import { ServiceError } from '../../../lib/errors.ts';
import { viewerOf } from '../../../web/audit-filters.ts';
import type { Pages } from '../../kernel/pages.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/facts.tsx';
import { Table } from '../../parts/table.tsx';
import { counted } from '../../parts/times.ts';
import { Exact } from '../../parts/when.tsx';
import { Erased } from './event-links.tsx';
import { eventIdOf } from './event-record.ts';

const PAGE_SIZE = 50;

/** A page of the single introspections that an event stands for. */
export interface IntrospectionsPage {
  readonly records: readonly ReadRecord[];
  readonly total: number;
  /** The position of the first one. */
  readonly from: number;
}

/** Undefined for an event that stands for none, or if the visitor may not see them. */
export async function readIntrospections(visit: Visit, event: AuditEvent): Promise<IntrospectionsPage | undefined> {
  if (event.introspections === null || !visit.may('listIntrospectionRecords')) return undefined;
  const records = (await listRecords(visit.services.db, viewerOf(visit.caller), event.id)) ?? [];
  const asked = parseSize(visit.query.get('from') ?? '') ?? 0;
  const from = asked < records.length ? asked : 0;
  return { records: records.slice(from, from + PAGE_SIZE), total: records.length, from };
}

const COLUMNS = ['When', 'Token', 'Answer', 'Asked by', 'Scope asked for', 'Asked from', 'Used from', 'Proof'];

/** The introspections in the order in which they were made. The event commits to all of them. */
export function Introspections({ visit, event, page }: { visit: Visit; event: AuditEvent; page: IntrospectionsPage }) {
  const { records, total, from } = page;
  const at = (first: number) => visit.at(`/audit-log/${event.id}?from=${first}#introspections`);
  return (
    <Card
      title="Introspections"
      note={`The event stands for ${counted(total, 'introspection')}, each recorded before it was answered. Their hashes make a tree, whose root is in the event: so verifying the event verifies them.`}
    >
      <div id="introspections">
        <Table caption="Introspections" columns={COLUMNS}>
          {records.map((record) => (
            <Row visit={visit} event={event} record={record} />
          ))}
        </Table>
      </div>
      <nav class="pager" aria-label="Pages of introspections">
        {from > 0 && <a href={at(Math.max(0, from - PAGE_SIZE))}>Earlier</a>}
        <span class="muted">
          {from + 1} to {from + records.length} of {total}
        </span>
        {from + records.length < total && (
          <a href={at(from + PAGE_SIZE)} rel="next">
            Later
          </a>
        )}
      </nav>
    </Card>
  );
}

function Row({ visit, event, record }: { visit: Visit; event: AuditEvent; record: ReadRecord }) {
  const { position, token, outcome, secret, introspector, required_scope: scope } = record;
  const places = JSON.parse(record.line) as { readonly source: number | null; readonly client: number | null };
  return (
    <tr>
      <td class="nowrap">
        <Exact at={new Date(record.at)} />
      </td>
      <td>
        {token === null ? (
          <span class="muted">none of ours</span>
        ) : (
          <a href={visit.at(`/tokens/${token}`)}>
            <code>{token}</code>
          </a>
        )}
        {secret === 'previous' && <span class="muted"> by its previous secret</span>}
      </td>
      <td>
        <Badge tone={outcome === 'active' ? 'good' : 'warn'}>{outcome.replaceAll('_', ' ')}</Badge>
      </td>
      <td>
        <Introspector visit={visit} id={introspector} />
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

function Introspector({ visit, id }: { visit: Visit; id: string }) {
  const isKey = id.startsWith('key_');
  if (!visit.may(isKey ? 'getApiKey' : 'getToken')) return <code>{id}</code>;
  return (
    <a href={visit.at(`/${isKey ? 'keys' : 'tokens'}/${id}`)}>
      <code>{id}</code>
    </a>
  );
}

function Address({ address, place }: { address: string | null; place: number | null }) {
  if (address !== null) return <code>{address}</code>;
  return place === null ? <span class="muted">not told</span> : <Erased />;
}

/** That one introspection is among those that the event commits to. */
export function mountIntrospectionProof(pages: Pages): void {
  pages.answer('/audit-log/:id/introspections/:position/proof.json', 'proveIntrospectionRecord', async (c, visit) => {
    const position = parseSize(visit.param('position'));
    const id = eventIdOf(visit);
    const proof =
      position === undefined ? undefined : await proveRecord(visit.services.db, viewerOf(visit.caller), id, position);
    if (proof === undefined) throw new ServiceError('not_found');
    const { record, size, root, hashes } = proof;
    c.header('Cache-Control', 'no-store');
    return c.json({ event: id, position, line: record.line, size, root, hashes: hashes.map(toBase64) });
  });
}
