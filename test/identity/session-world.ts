import { setTimeout } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { createFence } from '../../src/coherence/fence.ts';
import { createDigest } from '../../src/credentials/digest.ts';
import { createMasterKey } from '../../src/credentials/master-key.ts';
import { inTransaction, openPool } from '../../src/db/connection.ts';
import { openAccessTokens } from '../../src/identity/access-tokens/access-tokens.ts';
import type { MemberCaller } from '../../src/identity/principal.ts';
import { beginSession, type StartedSession } from '../../src/identity/sessions/begin.ts';
import { type Refresh, refreshSession } from '../../src/identity/sessions/refresh.ts';
import { createSuccessors } from '../../src/identity/sessions/refresh-token.ts';
import type { SessionMember } from '../../src/identity/sessions/session.ts';
import { createCursorCodec } from '../../src/lib/cursor.ts';
import { idToUuid, newId, type SessionId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { TestDatabase } from '../support/database.ts';

/** What sessions draw on, on a database of its own, with a clock that a test can set. */
export type SessionWorld = Awaited<ReturnType<typeof createSessionWorld>>;

export type Refreshed = Extract<Refresh, { outcome: 'refreshed' }>;
export type TestMember = SessionMember & { readonly name: string };

export const origin = { id: 'test', method: 'POST', route: '/test', ip: '192.0.2.1', userAgent: 'test' };

export async function createSessionWorld(database: TestDatabase) {
  const { db, close } = openPool(database.app, { maxConnections: 8, applicationName: 'tooken-test' });
  afterAll(close);
  const time = { now: thisSecond() };
  const masterKey = createMasterKey(Buffer.alloc(32, 3));
  const clock = { now: () => time.now, monotonicMs: () => performance.now() };
  const ids = { clock, random: systemRandom };
  const wrappingKey = masterKey.derive('access-key-encryption');
  const accessTokens = await openAccessTokens({ ...ids, db, wrappingKey, publicUrl: 'https://tooken.example.com' });
  const deps = {
    ...ids,
    db,
    accessTokens,
    digest: createDigest(masterKey.derive('credential-pepper')),
    cursors: createCursorCodec(masterKey.derive('cursor-mac')),
    successorOf: createSuccessors(masterKey.derive('refresh-derivation')),
    fence: createFence({ connections: { use: (look) => look(db) }, clock }),
  };
  const sql = db.$client;
  const refresh = (token: string, from = origin) => refreshSession(deps, token, from);

  return {
    deps,
    sql,
    time,
    refresh,
    /** Sets the clock right: events cannot be written by a clock that is far off that of the database. */
    beginNow: () => {
      time.now = thisSecond();
    },
    /** Moves the clock on. */
    pass: (ms: number) => {
      time.now = new Date(time.now.getTime() + ms);
    },
    async addMember(access: SessionMember['access'] = 'member'): Promise<TestMember> {
      const [workspaceId, id] = [newId('ws', deps), newId('usr', deps)];
      await sql`insert into workspaces (id, name, token_prefix, created_at, updated_at)
        values (${idToUuid(workspaceId)}, ${workspaceId}, 'tkn', now(), now())`;
      await sql`insert into members (id, workspace_id, email, name, access, joined_at, created_at, created_by)
        values (${idToUuid(id)}, ${idToUuid(workspaceId)}, 'a@example.com', 'A', ${access}, now(), now(), 'system')`;
      return { id, workspaceId, access, generation: 1, name: 'A' };
    },
    signIn: (member: TestMember): Promise<StartedSession> =>
      inTransaction(db, (tx) => beginSession(tx, deps, { member, kind: 'api', origin })),
    /** Refreshes, and fails if that is refused. */
    async mustRefresh(token: string): Promise<Refreshed> {
      const result = await refresh(token);
      if (result.outcome === 'refused') throw new Error(`refused: ${result.reason}`);
      return result;
    },
    /** Until a transaction on this database waits for a lock. */
    async untilSomeoneWaits(): Promise<void> {
      for (;;) {
        const [row] = await sql<{ waiting: number }[]>`
          select count(*)::int as waiting from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`;
        if (row !== undefined && row.waiting > 0) return;
        await setTimeout(5);
      }
    },
    async sessionRow(id: SessionId) {
      const [row] = await sql`select * from sessions where id = ${idToUuid(id)}`;
      return row;
    },
    /** The actions and targets of the events so far about `id`, in the order they were appended. */
    async eventsOf(id: string): Promise<{ action: string; actor: { type: string }; targets: { id: string }[] }[]> {
      const rows = await sql<{ leaf: { action: string; actor: { type: string }; targets: { id: string }[] } }[]>`
        select convert_from(e.leaf, 'UTF8')::jsonb as leaf from audit_pending p join audit_events e on e.id = p.event_id
        where convert_from(e.leaf, 'UTF8')::jsonb @> ${JSON.stringify({ targets: [{ id }] })}::text::jsonb
        order by p.id`;
      return rows.map(({ leaf }) => leaf);
    },
    /** What memory of replicas is told to forget, in the order it was said. */
    async invalidated(): Promise<string[]> {
      const rows = await sql<{ subject_kind: string; subject_id: string }[]>`
        select subject_kind, subject_id from invalidations`;
      return rows.map(({ subject_kind, subject_id }) => `${subject_kind} ${subject_id}`);
    },
    callerOf(member: TestMember, sessionId: SessionId): MemberCaller {
      const { id, name, workspaceId, access } = member;
      const principal = { kind: 'member', id, name, workspaceId, access, environment: 'live', scopes: [] } as const;
      return { principal: { ...principal, sessionId, authenticatedAt: time.now }, request: origin };
    },
  };
}

/** A whole second, since access tokens know no others. */
function thisSecond(): Date {
  return new Date(Math.floor(Date.now() / 1000) * 1000);
}
