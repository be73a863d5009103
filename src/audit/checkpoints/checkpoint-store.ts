import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { type CosignatureRow, servableLines } from './checkpoint-signature.ts';

/** A signed tree head as it lies in the database. Only what lies there, and is signed, is ever served. */
export interface StoredCheckpoint {
  readonly logId: string;
  readonly generation: number;
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Buffer;
  /** The signed note (C2SP signed-note) with the log's own signature. */
  readonly note: string;
  /** Witnesses' lines of the note, without line feeds; each is one line, of a witness. */
  readonly cosignatures: readonly string[];
  readonly createdAt: Date;
}

/** What a signature is given for, and whether one may be given. */
export interface LogState {
  readonly size: number;
  readonly checkpointSize: number;
  readonly haltReason: string | null;
}

/** The largest checkpoint in the log's newest generation, whoever has put it there. */
export async function selectLatestCheckpoint(
  executor: Database | Transaction,
  logId: string,
): Promise<StoredCheckpoint | undefined> {
  const [key] = await clientOf(executor)<{ generation: number }[]>`
    select max(generation) as generation from audit_log_keys where log_id = ${logId} having max(generation) is not null`;
  if (key === undefined) return undefined;
  const wanted = { generation: key.generation, begin: 0, end: Number.MAX_SAFE_INTEGER, limit: 1 };
  const [latest] = await selectCheckpoints(executor, logId, wanted);
  return latest;
}

export interface WantedCheckpoints {
  readonly generation: number;
  /** Of sizes from here on, */
  readonly begin: number;
  /** and below this. */
  readonly end: number;
  readonly limit: number;
}

/** Checkpoints of one generation, the largest first, whoever has put them there. */
export async function selectCheckpoints(
  executor: Database | Transaction,
  logId: string,
  { generation, begin, end, limit }: WantedCheckpoints,
): Promise<StoredCheckpoint[]> {
  const rows = await clientOf(executor)<CheckpointRow[]>`
    select key.origin, stored.size, stored.root, stored.note, stored.created_at,
      coalesce((
        select json_agg(json_build_object('witness', witness, 'line', line) order by witness)
        from (
          select witness, line from audit_cosignatures cosignature
          where cosignature.log_id = stored.log_id and cosignature.generation = stored.generation
            and cosignature.size = stored.size
          order by witness limit 100
        ) first
      ), '[]') as cosignatures
    from audit_log_keys key join audit_checkpoints stored
      on stored.log_id = key.log_id and stored.generation = key.generation
    where key.log_id = ${logId} and key.generation = ${generation}
      and stored.size >= ${begin}::bigint and stored.size < ${end}::bigint
    order by stored.size desc limit ${limit}`;
  return rows.map(({ origin, size, root, note, cosignatures, created_at: createdAt }) => {
    const checkpoint = { logId, generation, origin, size: Number(size), root, note };
    return { ...checkpoint, cosignatures: servableLines(origin, cosignatures), createdAt: new Date(createdAt) };
  });
}

interface CheckpointRow {
  readonly origin: string;
  readonly size: string;
  readonly root: Buffer;
  readonly note: string;
  readonly created_at: string;
  readonly cosignatures: readonly CosignatureRow[];
}

/** Stores what has just been signed, and moves the mark of its log. Under the log's lock. */
export async function insertCheckpoint(tx: Transaction, signed: StoredCheckpoint): Promise<void> {
  const { logId, generation, size, root, note, createdAt } = signed;
  await clientOf(tx)`
    with stored as (
      insert into audit_checkpoints (log_id, generation, size, root, note, created_at)
      values (${logId}, ${generation}, ${size}, ${root}, ${note}, ${createdAt.toISOString()})
    )
    update audit_logs set checkpoint_size = ${size} where id = ${logId}`;
}

export async function selectLogState(executor: Database | Transaction, logId: string): Promise<LogState | undefined> {
  const [row] = await clientOf(executor)<{ size: string; checkpoint_size: string; halt_reason: string | null }[]>`
    select size, checkpoint_size, halt_reason from audit_logs where id = ${logId}`;
  return row && { size: Number(row.size), checkpointSize: Number(row.checkpoint_size), haltReason: row.halt_reason };
}

/** No replica signs for this log from the commit on. */
export async function haltLog(tx: Transaction, logId: string, reason: string): Promise<void> {
  await clientOf(tx)`update audit_logs set halt_reason = ${reason} where id = ${logId}`;
}

/** Lets signing begin anew, with a checkpoint of all that there is. */
export async function resumeLog(tx: Transaction, logId: string): Promise<void> {
  await clientOf(tx)`update audit_logs set halt_reason = null, checkpoint_size = 0 where id = ${logId}`;
}

/** Logs that have leaves and are not halted, by id, those above `after` if that is not null, at most `limit`. */
export async function selectLogsAfter(db: Database, after: string | null, limit: number): Promise<string[]> {
  const rows = await clientOf(db)<{ id: string }[]>`
    select id from audit_logs where (${after}::uuid is null or id > ${after}::uuid) and halt_reason is null and size > 0
    order by id limit ${limit}`;
  return rows.map(({ id }) => id);
}

/** Logs of another size than their last checkpoint, except those that are halted. One that is smaller was tampered with. */
export async function selectLogsToSign(db: Database): Promise<string[]> {
  const rows = await clientOf(db)<{ id: string }[]>`
    select id from audit_logs where size <> checkpoint_size and halt_reason is null`;
  return rows.map(({ id }) => id);
}
