import type { Digest } from '../../credentials/digest.ts';
import { clientOf } from '../../db/client.ts';
import type { Transaction } from '../../db/connection.ts';
import { idFromUuid, idToUuid, type SessionId } from '../../lib/ids.ts';
import type { AccessLevel } from '../access-level.ts';
import type { RefreshState } from './decide-refresh.ts';
import type { Session, SessionMember } from './session.ts';

/** A refresh token that somebody was given, with its session and the session's member. */
export interface RefreshRecord extends RefreshState {
  readonly session: RefreshState['session'] & Pick<Session, 'id' | 'authenticatedAt'>;
  readonly member: RefreshState['member'] & SessionMember & { readonly name: string };
}

/**
 * Locks the session that the refresh token `digest` belongs to, until the transaction ends, and reads what there is to know
 * about it: all refreshes of one session take turns. Undefined if nobody was given the token.
 */
export async function lockRefresh(
  tx: Transaction,
  digest: Digest,
  successor: Digest,
): Promise<RefreshRecord | undefined> {
  const sql = clientOf(tx);
  // By itself: a statement that waits for a lock reads other rows as they were before the wait.
  const { count } = await sql`
    select from sessions where id = (select session_id from refresh_tokens where digest = ${digest}) for no key update`;
  if (count === 0) return undefined;
  const [row] = await sql<Row[]>`
    select extract(epoch from r.used_at)::float8 * 1000 as used_ms,
      exists (select from refresh_tokens n where n.digest = ${successor} and n.session_id = s.id and n.used_at is null)
        as is_successor_unused,
      s.id as session_id, s.generation as session_generation, extract(epoch from s.expires_at)::float8 * 1000 as expires_ms,
      extract(epoch from s.ended_at)::float8 * 1000 as ended_ms,
      extract(epoch from s.authenticated_at)::float8 * 1000 as authenticated_ms,
      m.id as member_id, m.workspace_id, m.name, m.access, m.generation, m.removed_at is not null as is_removed, m.can_sign_in
    from refresh_tokens r join sessions s on s.id = r.session_id join members m on m.id = s.member_id
    where r.digest = ${digest}`;
  return row && toRecord(row);
}

/** Notes that a refresh token has been used. */
export async function markUsed(tx: Transaction, digest: Digest, usedAt: Date): Promise<void> {
  await clientOf(tx)`update refresh_tokens set used_at = ${usedAt.toISOString()} where digest = ${digest}`;
}

/** Notes when, from where and with what the session was last refreshed. */
export async function markSeen(
  tx: Transaction,
  id: SessionId,
  { at, ip, userAgent }: { readonly at: Date; readonly ip: string | null; readonly userAgent: string | null },
): Promise<void> {
  await clientOf(tx)`
    update sessions set last_seen_at = ${at.toISOString()}, last_seen_from = ${ip}, user_agent = ${userAgent}
    where id = ${idToUuid(id)}`;
}

interface Row {
  readonly used_ms: number | null;
  readonly is_successor_unused: boolean;
  readonly session_id: string;
  readonly session_generation: number;
  readonly expires_ms: number;
  readonly ended_ms: number | null;
  readonly authenticated_ms: number;
  readonly member_id: string;
  readonly workspace_id: string;
  readonly name: string;
  readonly access: AccessLevel;
  readonly generation: number;
  readonly is_removed: boolean;
  readonly can_sign_in: boolean;
}

function toRecord(row: Row): RefreshRecord {
  return {
    usedAt: row.used_ms === null ? null : toDate(row.used_ms),
    isSuccessorUnused: row.is_successor_unused,
    session: {
      id: idFromUuid('ses', row.session_id),
      generation: row.session_generation,
      expiresAt: toDate(row.expires_ms),
      endedAt: row.ended_ms === null ? null : toDate(row.ended_ms),
      authenticatedAt: toDate(row.authenticated_ms),
    },
    member: {
      id: idFromUuid('usr', row.member_id),
      workspaceId: idFromUuid('ws', row.workspace_id),
      name: row.name,
      access: row.access,
      generation: row.generation,
      isRemoved: row.is_removed,
      canSignIn: row.can_sign_in,
    },
  };
}

function toDate(ms: number): Date {
  return new Date(Math.round(ms));
}
