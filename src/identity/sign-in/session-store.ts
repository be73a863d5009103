import { clientOf } from '../../db/client.ts';
import type { Transaction } from '../../db/connection.ts';
import { idToUuid, type MemberId, type SessionId } from '../../lib/ids.ts';
import type { SigningMember } from './member.ts';

type Holder = Pick<SigningMember, 'id' | 'generation'>;

/** Notes that the member has proved anew who it is: the end of the session, or undefined if that is over. */
export async function markAuthenticated(
  tx: Transaction,
  sessionId: SessionId,
  member: Holder,
  now: Date,
): Promise<Date | undefined> {
  const sql = clientOf(tx);
  const [row] = await sql<{ expires_ms: number }[]>`
    update sessions set authenticated_at = ${now.toISOString()} where ${isOpen(sql, sessionId, member, now)}
    returning extract(epoch from expires_at)::float8 * 1000 as expires_ms`;
  return row && new Date(Math.round(row.expires_ms));
}

/** Whether the session is not over. */
export async function isSessionOpen(
  tx: Transaction,
  sessionId: SessionId,
  member: Holder,
  now: Date,
): Promise<boolean> {
  const sql = clientOf(tx);
  const { count } = await sql`select from sessions where ${isOpen(sql, sessionId, member, now)}`;
  return count === 1;
}

/** Whether the member has begun a session with this user agent before, as far back as sessions are kept. */
export async function hasSignedInWith(tx: Transaction, memberId: MemberId, userAgent: string | null): Promise<boolean> {
  const { count } = await clientOf(tx)`
    select from sessions
    where member_id = ${idToUuid(memberId)} and user_agent is not distinct from ${userAgent}::text limit 1`;
  return count === 1;
}

function isOpen(sql: ReturnType<typeof clientOf>, sessionId: SessionId, { id, generation }: Holder, now: Date) {
  return sql`id = ${idToUuid(sessionId)} and member_id = ${idToUuid(id)} and generation = ${generation}
    and ended_at is null and expires_at > ${now.toISOString()}`;
}
