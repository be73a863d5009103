import { Badge } from '../../parts/badge.tsx';
import { PhraseText } from '../../parts/event-sentence.tsx';
import { Table } from '../../parts/table.tsx';
import { relativeTime } from '../../parts/times.ts';
import type { EventRow } from './list-row.ts';

/** Events, newest first. */
export function EventTable({ rows, now, isHidden }: { rows: readonly EventRow[]; now: Date; isHidden: boolean }) {
  return (
    <div class="events" hidden={isHidden}>
      <Table caption="Events, newest first" columns={['Event', 'Outcome', 'Actor', 'Source', 'When']}>
        {rows.map((row) => (
          <Row row={row} relative={relativeTime(new Date(row.at), now)} />
        ))}
      </Table>
    </div>
  );
}

/** What the script that watches the log makes rows from: it fills in the parts by name. */
export function RowTemplate() {
  return (
    <template id="event-row">
      <Row row={BLANK} relative="" />
    </template>
  );
}

const BLANK: EventRow = {
  index: -1,
  href: '',
  action: '',
  said: [],
  outcome: { tone: 'plain', text: '' },
  actor: { said: [], href: '' },
  source: [],
  at: '',
  exact: '',
};

function Row({ row, relative }: { row: EventRow; relative: string }) {
  return (
    <tr data-index={row.index}>
      <th scope="row" class="event-said">
        <a href={row.href} data-part="said">
          <PhraseText said={row.said} />
        </a>
        <code class="event-action" data-part="action">
          {row.action}
        </code>
      </th>
      <td data-part="outcome">
        <Badge tone={row.outcome.tone}>{row.outcome.text}</Badge>
      </td>
      <td class="event-actor">
        <a href={row.actor.href} data-part="actor" title="Only what this actor did">
          <PhraseText said={row.actor.said} />
        </a>
      </td>
      <td class="event-source" data-part="source">
        <PhraseText said={row.source} />
      </td>
      <td>
        <time class="when" datetime={row.at} data-part="when">
          <span data-part="relative">{relative}</span>{' '}
          <span class="exact" data-part="exact">
            {row.exact}
          </span>
        </time>
      </td>
    </tr>
  );
}
