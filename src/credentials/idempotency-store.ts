import { clientOf } from '../db/client.ts';
import type { Database, Transaction } from '../db/connection.ts';

export interface AnswerRow {
  readonly requestDigest: Buffer;
  readonly status: number;
  /** Sealed; null once the secret in it has died. */
  readonly answer: Buffer | null;
  readonly subjectId: string | null;
}

/** The answer kept under `keyDigest`, unless it is older than `since`. */
export async function selectAnswer(
  executor: Database | Transaction,
  keyDigest: Buffer,
  since: Date,
): Promise<AnswerRow | undefined> {
  const [row] = await clientOf(executor)<AnswerRow[]>`
    select request_digest as "requestDigest", status, answer, subject_id as "subjectId" from idempotent_answers
    where key_digest = ${keyDigest} and created_at > ${since.toISOString()}`;
  return row;
}

/** Takes the lock of one key until the transaction ends; false if another transaction holds it. */
export async function tryLockKey(tx: Transaction, keyDigest: Buffer): Promise<boolean> {
  const [row] = await clientOf(tx)<{ locked: boolean }[]>`
    select pg_try_advisory_xact_lock(${keyDigest.readBigInt64BE(0).toString()}) as locked`;
  return row?.locked === true;
}

/** Keeps an answer. One that is there already has outlived its time, or {@link selectAnswer} would have found it. */
export async function insertAnswer(
  tx: Transaction,
  keyDigest: Buffer,
  { requestDigest, status, answer, subjectId }: AnswerRow,
  createdAt: Date,
): Promise<void> {
  await clientOf(tx)`
    insert into idempotent_answers (key_digest, request_digest, status, answer, subject_id, created_at)
    values (${keyDigest}, ${requestDigest}, ${status}, ${answer}, ${subjectId}, ${createdAt.toISOString()})
    on conflict (key_digest) do update set request_digest = excluded.request_digest, status = excluded.status,
      answer = excluded.answer, subject_id = excluded.subject_id, created_at = excluded.created_at`;
}

/** Forgets the answers about the API keys or tokens `subjectIds`; that there were answers stays known. */
export async function wipeAnswersOf(tx: Transaction, subjectIds: readonly string[]): Promise<void> {
  await clientOf(tx)`
    update idempotent_answers set answer = null
    where subject_id = any(${[...subjectIds]}::uuid[]) and answer is not null`;
}

/** Deletes up to `limit` answers not younger than `until`, and says how many. */
export async function deleteAnswers(db: Database, until: Date, limit: number): Promise<number> {
  const { count } = await clientOf(db)`
    delete from idempotent_answers where key_digest in (
      select key_digest from idempotent_answers where created_at <= ${until.toISOString()}
      order by created_at limit ${limit} for update skip locked)`;
  return count;
}
