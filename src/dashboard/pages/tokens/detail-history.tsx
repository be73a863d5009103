import type { AuditEvent } from '../../../audit/events/event.ts';
import { queryEvents } from '../../../audit/queries/read.ts';
import type { Visit } from '../../kernel/visit.ts';
import { EventList } from '../../parts/event-list.tsx';
import { Card } from '../../parts/facts.tsx';

const SHOWN = 10;

/** What the log tells of by its id. */
interface Subject {
  readonly id: string;
}

/** The latest events of a token or API key; none for who may not read the log. */
export async function readHistory(visit: Visit, { id }: Subject): Promise<readonly AuditEvent[]> {
  if (!visit.may('listAuditEvents')) return [];
  const viewer = { workspaceId: visit.caller.principal.workspaceId, environment: visit.environment };
  const { events } = await queryEvents(visit.services, viewer, { targets: [id] }, { order: 'desc', limit: SHOWN });
  return events;
}

interface HistoryProps {
  readonly visit: Visit;
  readonly about: Subject;
  readonly events: readonly AuditEvent[];
}

/** What was done with it, and with what it is good for. */
export function HistoryCard({ visit, about, events }: HistoryProps) {
  if (events.length === 0) return null;
  return (
    <Card
      title="What happened"
      actions={<a href={visit.at(`/audit-log?target=${about.id}`)}>All its events in the audit log</a>}
    >
      <EventList visit={visit} events={events} />
    </Card>
  );
}
