import type { Database } from '../../src/db/connection.ts';

interface WrittenEvent {
  readonly action: string;
  readonly actor: { readonly type: string };
  readonly request: { readonly route: string } | null;
  readonly targets: readonly { readonly id: string }[];
}

/** The events in the order in which they were appended; nothing runs that gives them their places in the log. */
export async function appendedEvents({ db }: { readonly db: Database }): Promise<WrittenEvent[]> {
  const rows = await db.$client<{ leaf: WrittenEvent }[]>`
    select convert_from(leaf, 'UTF8')::jsonb as leaf
    from audit_pending queue join audit_events event on event.id = queue.event_id
    order by queue.id`;
  return rows.map(({ leaf }) => leaf);
}
