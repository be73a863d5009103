import type { Digest } from '../../credentials/digest.ts';
import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { idFromUuid, idToUuid, type SessionId } from '../../lib/ids.ts';
import type { AccessLevel } from '../access-level.ts';
import { effectiveScopes, type Scope } from '../scopes.ts';
import type { BrowserSession } from './browser-session.ts';

/** The session that holds the cookie, if it is not over by what the database knows; idleness is not looked at. */
export async function selectByCookie(db: Database, digest: Digest, now: Date): Promise<BrowserSession | undefined> {
  const [row] = await clientOf(db)<Row[]>`
    select s.id, extract(epoch from s.expires_at)::float8 * 1000 as ends_ms,
      extract(epoch from s.authenticated_at)::float8 * 1000 as authenticated_ms,
      extract(epoch from s.last_seen_at)::float8 * 1000 as seen_ms, s.last_seen_from,
      m.id as member_id, m.name, m.email, m.access,
      exists (select from member_totp t where t.member_id = m.id and t.enabled_at is not null) as has_second_factor,
      coalesce((select jsonb_agg(r.scopes) from member_roles mr join roles r on r.id = mr.role_id
        where mr.member_id = m.id), '[]') as role_scopes,
      w.id as workspace_id, w.name as workspace_name, w.color
    from sessions s join members m on m.id = s.member_id join workspaces w on w.id = m.workspace_id
    where s.cookie_digest = ${digest} and s.ended_at is null and s.expires_at > ${now.toISOString()}
      and s.generation = m.generation and m.removed_at is null and m.can_sign_in`;
  return row && toSession(row);
}

/** Gives the session another cookie: the one that it had opens nothing any more. */
export async function replaceCookie(tx: Transaction, id: SessionId, digest: Digest): Promise<void> {
  await clientOf(tx)`update sessions set cookie_digest = ${digest} where id = ${idToUuid(id)}`;
}

/** Notes when and from where the session was last used, unless that is known of a later moment. */
export async function touchSession(db: Database, id: SessionId, at: Date, ip: string | null): Promise<void> {
  await clientOf(db)`
    update sessions set last_seen_at = ${at.toISOString()}, last_seen_from = ${ip}
    where id = ${idToUuid(id)} and last_seen_at < ${at.toISOString()}`;
}

interface Row {
  readonly id: string;
  readonly ends_ms: number;
  readonly authenticated_ms: number;
  readonly seen_ms: number;
  readonly last_seen_from: string | null;
  readonly member_id: string;
  readonly name: string;
  readonly email: string;
  readonly access: AccessLevel;
  readonly has_second_factor: boolean;
  readonly role_scopes: readonly Scope[][];
  readonly workspace_id: string;
  readonly workspace_name: string;
  readonly color: string | null;
}

function toSession(row: Row): BrowserSession {
  return {
    id: idFromUuid('ses', row.id),
    endsAt: toDate(row.ends_ms),
    authenticatedAt: toDate(row.authenticated_ms),
    lastSeenAt: toDate(row.seen_ms),
    lastSeenFrom: row.last_seen_from,
    member: {
      id: idFromUuid('usr', row.member_id),
      name: row.name,
      email: row.email,
      access: row.access,
      scopes: effectiveScopes(row.role_scopes.flat()),
      hasSecondFactor: row.has_second_factor,
    },
    workspace: { id: idFromUuid('ws', row.workspace_id), name: row.workspace_name, color: row.color },
  };
}

function toDate(ms: number): Date {
  return new Date(Math.round(ms));
}
