import { clientOf } from '../../db/client.ts';
import type { Database } from '../../db/connection.ts';
import type { StoredCheckpoint } from '../checkpoints/checkpoint-store.ts';

/** Of one origin: a log in one of its generations. */
type Generation = Pick<StoredCheckpoint, 'logId' | 'generation'>;

/** A witness that answers again for the same checkpoint has said so before: the first line stays. */
export async function insertCosignature(
  db: Database,
  { logId, generation, size }: StoredCheckpoint,
  cosignature: { readonly witness: string; readonly line: string },
  createdAt: Date,
): Promise<void> {
  await clientOf(db)`
    insert into audit_cosignatures (log_id, generation, size, witness, line, created_at)
    values (${logId}, ${generation}, ${size}, ${cosignature.witness}, ${cosignature.line}, ${createdAt.toISOString()})
    on conflict do nothing`;
}

/**
 * The largest size, up to `size`, that the witness has cosigned; 0 if none is found. It looks at the last 100
 * cosignatures of all witnesses only: what is not found costs one more request.
 */
export async function selectCosignedSize(
  db: Database,
  { logId, generation, size }: Generation & { readonly size: number },
  witness: string,
): Promise<number> {
  const [row] = await clientOf(db)<{ size: string }[]>`
    select size from (
      select size, witness from audit_cosignatures
      where log_id = ${logId} and generation = ${generation} and size <= ${size} order by size desc limit 100
    ) recent
    where witness = ${witness} order by size desc limit 1`;
  return Number(row?.size ?? 0);
}

/** What this database knows of a size of a log. */
export interface KnownSize {
  /** Whether there is a checkpoint of that very size. */
  readonly isStored: boolean;
  /** The witness's line about it. */
  readonly cosignature: string | undefined;
}

export async function selectKnownSize(
  db: Database,
  { logId, generation }: Generation,
  size: number,
  witness: string,
): Promise<KnownSize> {
  const [row] = await clientOf(db)<{ is_stored: boolean; cosignature: string | null }[]>`
    select exists (
        select from audit_checkpoints where log_id = ${logId} and generation = ${generation} and size = ${size}
      ) as is_stored,
      (
        select line from audit_cosignatures
        where log_id = ${logId} and generation = ${generation} and size = ${size} and witness = ${witness}
      ) as cosignature`;
  return { isStored: row?.is_stored === true, cosignature: row?.cosignature ?? undefined };
}

/**
 * Checkpoints that the witness has not cosigned: the latest of each log that is not halted, if it is older than `before`.
 * By log id, those above `after` if that is not null, at most `limit`.
 */
export async function selectUncosigned(
  db: Database,
  witness: string,
  { before, after, limit }: { readonly before: Date; readonly after: string | null; readonly limit: number },
): Promise<StoredCheckpoint[]> {
  const rows = await clientOf(db)<UncosignedRow[]>`
    select log.id, latest.generation, key.origin, latest.size, latest.root, latest.note, latest.created_at
    from audit_logs log
      cross join lateral (
        select generation, size, root, note, created_at from audit_checkpoints stored where stored.log_id = log.id
        order by generation desc, size desc limit 1
      ) latest
      join audit_log_keys key on key.log_id = log.id and key.generation = latest.generation
    where (${after}::uuid is null or log.id > ${after}::uuid) and log.halt_reason is null and latest.created_at < ${before.toISOString()}
      and not exists (
        select from audit_cosignatures known
        where known.log_id = log.id and known.generation = latest.generation and known.size = latest.size
          and known.witness = ${witness}
      )
    order by log.id limit ${limit}`;
  return rows.map(({ id, generation, origin, size, root, note, created_at: createdAt }) => {
    const checkpoint = { logId: id, generation, origin, size: Number(size), root, note };
    return { ...checkpoint, cosignatures: [], createdAt: new Date(createdAt) };
  });
}

interface UncosignedRow {
  readonly id: string;
  readonly generation: number;
  readonly origin: string;
  readonly size: string;
  readonly root: Buffer;
  readonly note: string;
  readonly created_at: string;
}
