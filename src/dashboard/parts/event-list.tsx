import type { AuditEvent } from '../../audit/events/event.ts';
import type { Visit } from '../kernel/visit.ts';
import { EventSentence } from './event-sentence.tsx';
import { When } from './when.tsx';

/** Events as sentences, each with the way to its page. */
export function EventList({ visit, events }: { visit: Visit; events: readonly AuditEvent[] }) {
  return (
    <ol class="event-list">
      {events.map((event) => (
        <li>
          <a href={visit.at(`/audit-log/${event.id}`)}>
            <EventSentence event={event} />
          </a>
          <When at={new Date(event.occurred_at)} now={visit.now} />
        </li>
      ))}
    </ol>
  );
}
