import type { AuditEvent } from '../../../audit/events/event.ts';
import type { AuditFilters } from '../../../audit/queries/filters.ts';
import { queryEvents } from '../../../audit/queries/read.ts';
import type { Member } from '../../../identity/members/member.ts';
import type { MemberId } from '../../../lib/ids.ts';
import type { Visit } from '../../kernel/visit.ts';
import { EventList } from '../../parts/event-list.tsx';
import { Card } from '../../parts/facts.tsx';

const MAX_EVENTS = 8;

/** What a member has done, and what was done to it, the latest of both first. */
export async function latestEvents(visit: Visit, id: MemberId): Promise<readonly AuditEvent[]> {
  const { services, environment, caller } = visit;
  const viewer = { workspaceId: caller.principal.workspaceId, environment };
  const read = (filters: AuditFilters) =>
    queryEvents(services, viewer, filters, { order: 'desc', limit: MAX_EVENTS }).then(({ events }) => events);
  const [done, suffered] = await Promise.all([read({ actors: [id] }), read({ targets: [id] })]);
  const each = new Map([...done, ...suffered].map((event) => [event.id, event]));
  return [...each.values()].toSorted((a, b) => b.leaf_index - a.leaf_index).slice(0, MAX_EVENTS);
}

interface MemberEventsProps {
  readonly visit: Visit;
  readonly member: Member;
  readonly events: readonly AuditEvent[];
}

export function MemberEvents({ visit, member, events }: MemberEventsProps) {
  return (
    <Card
      title="Latest events"
      actions={
        <>
          <a href={visit.at(`/audit-log?actor=${member.id}`)}>What it did</a>
          <a href={visit.at(`/audit-log?target=${member.id}`)}>What was done to it</a>
        </>
      }
    >
      {events.length === 0 ? (
        <p class="muted">Nothing is on record in this environment.</p>
      ) : (
        <EventList visit={visit} events={events} />
      )}
    </Card>
  );
}
