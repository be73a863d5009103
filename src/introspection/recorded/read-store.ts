import { clientOf } from '../../db/client.ts';
import type { Database } from '../../db/connection.ts';

/** The lines of the records of an event; undefined if it has none. */
export async function selectRecordLines(db: Database, eventId: string): Promise<readonly string[] | undefined> {
  const [row] = await clientOf(db)<{ records: Buffer }[]>`
    select records from audit_introspections where event_id = ${eventId}`;
  return row?.records.toString('utf8').split('\n');
}
