import type { AuditEvent } from '../../../audit/events/event.ts';
import { readLast, readOnward } from '../../../audit/queries/read.ts';
import { viewerOf } from '../../../web/audit-filters.ts';
import type { Visit } from '../../kernel/visit.ts';
import { EventSentence } from '../../parts/event-sentence.tsx';

export interface Neighbours {
  readonly before: AuditEvent | undefined;
  readonly after: AuditEvent | undefined;
}

/** The events next to the one at `index` that the visitor may see. */
export async function readNeighbours(
  { services: { db }, caller }: Visit,
  { index, size }: { readonly index: number; readonly size: number },
): Promise<Neighbours> {
  const viewer = viewerOf(caller);
  const [[before], { events }] = await Promise.all([
    readLast(db, viewer, {}, { size: index, limit: 1 }),
    readOnward(db, viewer, {}, { after: index, size, limit: 1 }),
  ]);
  return { before, after: events[0] };
}

export function NeighbourLinks({ visit, neighbours }: { visit: Visit; neighbours: Neighbours }) {
  const { before, after } = neighbours;
  return (
    <nav class="neighbours" aria-label="Events before and after">
      {before !== undefined && <Neighbour visit={visit} event={before} title="Before" place="before" />}
      {after !== undefined && <Neighbour visit={visit} event={after} title="After" place="after" />}
    </nav>
  );
}

interface NeighbourProps {
  readonly visit: Visit;
  readonly event: AuditEvent;
  readonly title: string;
  readonly place: 'before' | 'after';
}

function Neighbour({ visit, event, title, place }: NeighbourProps) {
  return (
    <a href={visit.at(`/audit-log/${event.id}`)} class={`neighbour neighbour-${place}`}>
      <span class="muted">{title}</span>
      <EventSentence event={event} />
    </a>
  );
}
