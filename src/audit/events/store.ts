import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import type { SealedEvent } from './leaf.ts';

export interface EventRow extends SealedEvent {
  readonly uuid: string;
  /** Of single introspections, if it stands for some. */
  readonly records: string | null;
  readonly logId: string;
  readonly occurredAt: Date;
}

/** Between texts that are sent as one, which is quicker than as a list: it cannot be in them. */
const SEPARATOR = '\u001e';

/**
 * One statement, whatever the number of events; `audit_pending` numbers them in the order given. Bytes travel as hex
 * and instants as text: the driver sends no arrays of either.
 */
export async function insertEvents(tx: Transaction | Database, events: readonly EventRow[]): Promise<void> {
  const sql = clientOf(tx);
  const batches = events.filter(({ records }) => records !== null);
  const parts = events.flatMap((event) => event.privateParts.map((part) => ({ event, ...part })));
  await sql`
    with events as (
      insert into audit_events (id, log_id, occurred_at, leaf)
      select id, log_id, occurred_at::timestamptz, decode(leaf, 'hex')
      from unnest(
        ${events.map(({ uuid }) => uuid)}::uuid[],
        ${events.map(({ logId }) => logId)}::uuid[],
        ${events.map(({ occurredAt }) => occurredAt.toISOString())}::text[],
        ${events.map(({ leaf }) => leaf.toString('hex'))}::text[]
      ) as event (id, log_id, occurred_at, leaf)
    ), private_parts as (
      insert into audit_private (event_id, slot, log_id, subject_type, subject_id, salt, payload)
      select event_id, slot, log_id, subject_type, subject_id, decode(salt, 'hex'), decode(payload, 'hex')
      from unnest(
        ${parts.map(({ event }) => event.uuid)}::uuid[],
        ${parts.map(({ slot }) => slot)}::text[],
        ${parts.map(({ event }) => event.logId)}::uuid[],
        ${parts.map(({ subjectType }) => subjectType)}::text[],
        ${parts.map(({ subjectId }) => subjectId)}::text[],
        ${parts.map(({ salt }) => salt.toString('hex'))}::text[],
        ${parts.map(({ payload }) => payload.toString('hex'))}::text[]
      ) as part (event_id, slot, log_id, subject_type, subject_id, salt, payload)
    ), introspections as (
      insert into audit_introspections (event_id, log_id, records)
      select event_id, log_id, convert_to(records, 'UTF8')
      from unnest(
        ${batches.map(({ uuid }) => uuid)}::uuid[],
        ${batches.map(({ logId }) => logId)}::uuid[],
        string_to_array(${batches.map(({ records }) => records).join(SEPARATOR)}::text, ${SEPARATOR})
      ) as batch (event_id, log_id, records)
    )
    insert into audit_pending (log_id, event_id)
    select log_id, event_id
    from unnest(
      ${events.map(({ logId }) => logId)}::uuid[],
      ${events.map(({ uuid }) => uuid)}::uuid[]
    ) with ordinality as queue (log_id, event_id, place)
    order by place`;
}
