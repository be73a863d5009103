import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import type { Subject } from './subject.ts';

/** About so many payloads go in one transaction, which keeps the log's lock for a few tenths of a second. */
const ERASURE_BATCH = 5_000;

export interface ErasedPayloads {
  readonly events: number;
  readonly payloads: number;
  /** Whether the subject has more. */
  readonly hasMore: boolean;
}

/**
 * Erases payloads of one subject from one log, under the log's lock. The database commits it only with the event of this id,
 * written in the same transaction: see the migration of erasures.
 */
export async function erasePayloads(
  tx: Transaction,
  eventUuid: string,
  logId: string,
  { type, id }: Subject,
): Promise<ErasedPayloads> {
  const [row] = await clientOf(tx)<{ events: number; payloads: number; has_more: boolean }[]>`
    select events, payloads, has_more from erase_personal_data(${eventUuid}, ${logId}, ${type}, ${id}, ${ERASURE_BATCH})`;
  return { events: row?.events ?? 0, payloads: row?.payloads ?? 0, hasMore: row?.has_more === true };
}

/** What an erasure would find in a log now. */
export async function countPayloads(
  db: Database,
  logId: string,
  { type, id }: Subject,
): Promise<Pick<ErasedPayloads, 'events' | 'payloads'>> {
  const [row] = await clientOf(db)<{ events: number; payloads: number }[]>`
    select count(distinct event_id)::int as events, count(*)::int as payloads from audit_private
    where log_id = ${logId} and subject_type = ${type} and subject_id = ${id}`;
  return row ?? { events: 0, payloads: 0 };
}
