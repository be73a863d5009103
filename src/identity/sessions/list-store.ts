import { and, count, desc, eq, gt, isNull, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/connection.ts';
import { members } from '../../db/schema/members.ts';
import { sessions } from '../../db/schema/sessions.ts';
import { idFromUuid, idToUuid, type MemberId, type SessionId } from '../../lib/ids.ts';
import type { ListPosition } from '../../lib/page.ts';
import type { Session } from './session.ts';

/** Sessions of a member that are not over at `now`, newest first. */
export async function selectLiveSessions(
  db: Database,
  memberId: MemberId,
  page: { readonly limit: number; readonly position: ListPosition | undefined; readonly now: Date },
): Promise<Session[]> {
  const { limit, position, now } = page;
  const rows = await db
    .select({
      id: sessions.id,
      kind: sessions.kind,
      createdAt: sessions.createdAt,
      expiresAt: sessions.expiresAt,
      authenticatedAt: sessions.authenticatedAt,
      lastSeenAt: sessions.lastSeenAt,
      lastSeenFrom: sessions.lastSeenFrom,
      userAgent: sessions.userAgent,
    })
    .from(sessions)
    .innerJoin(members, eq(members.id, sessions.memberId))
    .where(and(isLive(memberId, now), position && isAfter(position)))
    .orderBy(desc(sessions.createdAt), desc(sessions.id))
    .limit(limit);
  return rows.map(({ id, ...row }) => ({ id: idFromUuid('ses', id), memberId, ...row }));
}

/** How many those are. */
export async function countLiveSessions(db: Database, memberId: MemberId, now: Date): Promise<number> {
  const [row] = await db
    .select({ count: count() })
    .from(sessions)
    .innerJoin(members, eq(members.id, sessions.memberId))
    .where(isLive(memberId, now));
  return row?.count ?? 0;
}

/** Of sessions joined with their members. */
function isLive(memberId: MemberId, now: Date): SQL | undefined {
  return and(
    eq(sessions.memberId, idToUuid(memberId)),
    isNull(sessions.endedAt),
    gt(sessions.expiresAt, now),
    eq(sessions.generation, members.generation),
  );
}

/** Whether the session is, or was, one of the member's. */
export async function hasSession(db: Database, memberId: MemberId, id: SessionId): Promise<boolean> {
  const found = await db
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.id, idToUuid(id)), eq(sessions.memberId, idToUuid(memberId))));
  return found.length > 0;
}

function isAfter({ createdAt, uuid }: ListPosition): SQL {
  return sql`(${sessions.createdAt}, ${sessions.id}) < (${createdAt.toISOString()}::timestamptz, ${uuid}::uuid)`;
}
