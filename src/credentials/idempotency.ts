import type { Database, Transaction } from '../db/connection.ts';
import type { Clock } from '../lib/clock.ts';
import { constantTimeEqual } from '../lib/constant-time.ts';
import { ServiceError } from '../lib/errors.ts';
import type { Random } from '../lib/random.ts';
import type { AnswerSeal, IdempotentRequest } from './answer-seal.ts';
import { deleteAnswers, insertAnswer, selectAnswer, tryLockKey } from './idempotency-store.ts';

/**
 * A mutation that happens once per Idempotency-Key. Services that make secrets take one and call `claim` first and
 * `remember` after the change, both in the transaction of the change: so the answer is kept if and only if the change
 * has happened, and a client that never got it asks again and gets the same secret.
 */
export interface Once<Result> {
  claim(tx: Transaction): Promise<void>;
  remember(tx: Transaction, result: Result): Promise<void>;
}

/** An answer as kept. */
export interface FirstAnswer {
  readonly status: number;
  readonly content: Buffer;
  /** UUID of the API key or token whose secret the content holds, if any. */
  readonly subjectId: string | null;
}

export interface IdempotencyDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly answers: AnswerSeal;
}

const KEPT_MS = 24 * 60 * 60 * 1000;
const PURGE_BATCH = 1_000;

/** The first answer to `request`; undefined if there is none. Throws for another request with the same key. */
export async function findFirstAnswer(
  { db, clock, answers }: Pick<IdempotencyDeps, 'db' | 'clock' | 'answers'>,
  request: IdempotentRequest,
): Promise<FirstAnswer | undefined> {
  const row = await selectAnswer(db, request.keyDigest, oldest(clock));
  if (row === undefined) return undefined;
  const { status, answer, subjectId, requestDigest } = row;
  if (!constantTimeEqual(requestDigest, request.requestDigest)) throw new ServiceError('idempotency_mismatch');
  if (answer === null) throw new ServiceError('conflict', { message: WIPED_MESSAGE });
  return { status, subjectId, content: answers.open(request, answer) };
}

/** Makes sure, for the length of the transaction, that nobody else is answering or has answered `request`. */
export async function claimRequest(
  tx: Transaction,
  { clock }: Pick<IdempotencyDeps, 'clock'>,
  { keyDigest }: IdempotentRequest,
): Promise<void> {
  // A twin that holds the lock is at work; one that let go of it has committed, and its answer is visible by then.
  const isFirst = (await tryLockKey(tx, keyDigest)) && (await selectAnswer(tx, keyDigest, oldest(clock))) === undefined;
  if (!isFirst) throw new ServiceError('conflict', { message: TWIN_MESSAGE });
}

/** Keeps the answer to a claimed request, sealed. */
export async function keepAnswer(
  tx: Transaction,
  { clock, random, answers }: Omit<IdempotencyDeps, 'db'>,
  request: IdempotentRequest,
  { status, content, subjectId }: FirstAnswer,
): Promise<void> {
  const answer = answers.seal(request, content, random);
  const { keyDigest, requestDigest } = request;
  await insertAnswer(tx, keyDigest, { requestDigest, status, answer, subjectId }, clock.now());
}

/** Deletes the answers that nobody may ask for any more, batch by batch, and says how many those were. */
export async function purgeAnswers({ db, clock }: Pick<IdempotencyDeps, 'db' | 'clock'>): Promise<number> {
  let total = 0;
  for (let deleted = PURGE_BATCH; deleted === PURGE_BATCH; total += deleted) {
    deleted = await deleteAnswers(db, oldest(clock), PURGE_BATCH);
  }
  return total;
}

function oldest(clock: Clock): Date {
  return new Date(clock.now().getTime() - KEPT_MS);
}

const TWIN_MESSAGE = 'A request with this Idempotency-Key is being processed at the moment. Retry it shortly.';
const WIPED_MESSAGE =
  'The secret in the first answer has been rotated, revoked or deleted since, so the answer cannot be given again.';
