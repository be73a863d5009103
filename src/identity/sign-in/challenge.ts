import type { Database, Transaction } from '../../db/connection.ts';
import type { Clock } from '../../lib/clock.ts';
import { type IdSource, newId } from '../../lib/ids.ts';
import type { AccessTokens } from '../access-tokens/access-tokens.ts';
import { deleteOldChallenges, insertChallenge } from './challenge-store.ts';
import type { SigningMember } from './member.ts';

/** A sign-in whose password was right and that waits for its second factor, for so long */
export const CHALLENGE_SECONDS = 300;
/** and so many codes. */
export const CODES_PER_CHALLENGE = 5;

interface ChallengeDeps extends IdSource {
  readonly accessTokens: AccessTokens;
}

/** Begins to wait for the second factor of a member; the answer is the temporary token. */
export async function beginChallenge(
  tx: Transaction,
  deps: ChallengeDeps,
  member: Pick<SigningMember, 'id' | 'workspaceId' | 'generation'>,
): Promise<string> {
  const createdAt = deps.clock.now();
  const expiresAt = new Date(createdAt.getTime() + CHALLENGE_SECONDS * 1000);
  const challengeId = newId('chl', deps);
  await insertChallenge(
    tx,
    { id: challengeId, memberId: member.id, generation: member.generation },
    createdAt,
    expiresAt,
  );
  const { id: memberId, workspaceId } = member;
  return deps.accessTokens.signTemporary({ challengeId, memberId, workspaceId, issuedAt: createdAt, expiresAt });
}

const PURGE_BATCH = 5_000;

/** Removes challenges that have ended. */
export async function purgeChallenges({ db, clock }: { readonly db: Database; readonly clock: Clock }): Promise<void> {
  for (let deleted = PURGE_BATCH; deleted === PURGE_BATCH; ) {
    deleted = await deleteOldChallenges(db, clock.now(), PURGE_BATCH);
  }
}
