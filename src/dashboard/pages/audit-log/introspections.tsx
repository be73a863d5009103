import { parseSize } from '../../../audit/core/size.ts';
import type { AuditEvent } from '../../../audit/events/event.ts';
import { listRecords, type ReadRecord } from '../../../introspection/recorded/read.ts';
import { namePrincipals } from '../../../introspection/usage/names.ts';
import { viewerOf } from '../../../web/audit-filters.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Card } from '../../parts/facts.tsx';
import { Table } from '../../parts/table.tsx';
import { counted } from '../../parts/times.ts';
import { IntrospectionRow } from './introspections-row.tsx';

const PAGE_SIZE = 50;

/** A page of the single introspections that an event stands for. */
export interface IntrospectionsPage {
  readonly records: readonly ReadRecord[];
  readonly total: number;
  /** The position of the first one. */
  readonly from: number;
  /** What the tokens and whoever asked about them are called now, by their ids. */
  readonly names: ReadonlyMap<string, string>;
}

/** Undefined for an event that stands for none. */
export async function readIntrospections(visit: Visit, event: AuditEvent): Promise<IntrospectionsPage | undefined> {
  if (event.introspections === null) return undefined;
  const { services, caller } = visit;
  const all = (await listRecords(services.db, viewerOf(caller), event.id)) ?? [];
  const asked = parseSize(visit.query.get('from') ?? '') ?? 0;
  const from = asked < all.length ? asked : 0;
  const records = all.slice(from, from + PAGE_SIZE);
  const ids = records.flatMap(({ token, introspector }) => [token, introspector]);
  return { records, total: all.length, from, names: await namePrincipals(services, caller, ids) };
}

interface IntrospectionsProps {
  readonly visit: Visit;
  readonly event: AuditEvent;
  readonly page: IntrospectionsPage;
}

/** The introspections in the order in which they were made. The event commits to all of them. */
export function Introspections({ visit, event, page }: IntrospectionsProps) {
  const { records, total, from, names } = page;
  const at = (first: number) => visit.at(`/audit-log/${event.id}?from=${first}#introspections`);
  return (
    <Card
      title="Introspections"
      note={`The event stands for ${counted(total, 'introspection')}, each recorded before it was answered. Their hashes make a tree, whose root is in the event: so verifying the event verifies them.`}
    >
      <div id="introspections" class="introspections">
        <Table caption="Introspections" columns={COLUMNS}>
          {records.map((record) => (
            <IntrospectionRow visit={visit} event={event} record={record} names={names} />
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

const COLUMNS = ['When', 'Token', 'Answer', 'Asked by', 'Scope asked for', 'Asked from', 'Used from', 'Proof'];
