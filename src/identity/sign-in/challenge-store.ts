import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { type Id, idToUuid, type MemberId } from '../../lib/ids.ts';

interface ChallengeOf {
  readonly id: Id<'chl'>;
  readonly memberId: MemberId;
}

export async function insertChallenge(
  tx: Transaction,
  { id, memberId, generation }: ChallengeOf & { readonly generation: number },
  createdAt: Date,
  expiresAt: Date,
): Promise<void> {
  await clientOf(tx)`
    insert into sign_in_challenges (id, member_id, generation, created_at, expires_at)
    values (${idToUuid(id)}, ${idToUuid(memberId)}, ${generation}, ${createdAt.toISOString()}, ${expiresAt.toISOString()})`;
}

/** Counts one more attempt, if there are not `most` yet and it has not ended: the generation it is of. */
export async function countAttempt(
  db: Database,
  { id, memberId }: ChallengeOf,
  most: number,
  now: Date,
): Promise<number | undefined> {
  const [row] = await clientOf(db)<{ generation: number }[]>`
    update sign_in_challenges set attempts = attempts + 1
    where id = ${idToUuid(id)} and member_id = ${idToUuid(memberId)} and attempts < ${most}
      and expires_at > ${now.toISOString()}
    returning generation`;
  return row?.generation;
}

/** Uses the challenge up; whether it was there. */
export async function deleteChallenge(tx: Transaction, id: Id<'chl'>): Promise<boolean> {
  const { count } = await clientOf(tx)`delete from sign_in_challenges where id = ${idToUuid(id)}`;
  return count === 1;
}

/** Deletes up to `limit` that have ended, and says how many. */
export async function deleteOldChallenges(db: Database, now: Date, limit: number): Promise<number> {
  const { count } = await clientOf(db)`
    delete from sign_in_challenges where id in (
      select id from sign_in_challenges where expires_at <= ${now.toISOString()}
      order by expires_at limit ${limit} for update skip locked)`;
  return count;
}
