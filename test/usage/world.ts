import { createDenialRecorder } from '../../src/audit/denials/recorder.ts';
import type { AuditEvent } from '../../src/audit/events/event.ts';
import type { Database } from '../../src/db/connection.ts';
import type { ApiKeyRecord, TokenRecord } from '../../src/introspection/record.ts';
import type { Bucket } from '../../src/introspection/usage/buckets.ts';
import { listUsage, type UsageInput } from '../../src/introspection/usage/read.ts';
import type { UsageRecord } from '../../src/introspection/usage/read-store.ts';
import { createUsageRecorder, type UsageRecorder } from '../../src/introspection/usage/recorder.ts';
import { createUsageWriter } from '../../src/introspection/usage/writer.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { idToUuid, newId, type TokenId, type WorkspaceId } from '../../src/lib/ids.ts';
import type { Logger } from '../../src/telemetry/logger.ts';
import { cursors, deps, newKeyId, newWorkspaceId, openTestPool, query } from '../audit/log.ts';
import { apiKey, token } from '../introspection/records.ts';
import type { TestDatabase } from '../support/database.ts';
import { silentLogger } from '../support/silent-logger.ts';

export interface ReplicaOptions {
  readonly db?: Database;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** A workspace, and replicas that count the uses of its tokens. */
export async function createWorld(database: TestDatabase) {
  const db = openTestPool(database.app, 8);
  const sql = db.$client;
  const now = new Date().toISOString();
  const addWorkspace = async (): Promise<WorkspaceId> => {
    const id = newWorkspaceId();
    await sql`insert into workspaces (id, name, token_prefix, created_at, updated_at)
      values (${idToUuid(id)}, ${id}, 'tkn', ${now}, ${now})`;
    return id;
  };
  const workspaceId = await addWorkspace();

  return {
    db,
    sql,
    workspaceId,
    addWorkspace,
    /** An API key that exists. */
    async newKey(parts: Partial<ApiKeyRecord> = {}): Promise<ApiKeyRecord> {
      const record = { ...apiKey, id: newKeyId(), workspaceId, ...parts };
      await sql`insert into api_keys (id, workspace_id, environment, name, digest, hint, created_at, created_by)
        values (${idToUuid(record.id)}, ${idToUuid(record.workspaceId)}, ${record.environment}, ${record.name},
          ${Buffer.from(record.id)}, 'hint', ${now}, 'system')`;
      return record;
    },
    /** A token that exists, as memory holds it. */
    async newToken(parts: Partial<TokenRecord> = {}): Promise<TokenRecord> {
      const record = { ...token, id: newId('tkn', deps), workspaceId, ...parts };
      await sql`insert into tokens (id, workspace_id, environment, name, hint, scopes, metadata, created_at, created_by)
        values (${idToUuid(record.id)}, ${idToUuid(record.workspaceId)}, ${record.environment}, ${record.name}, 'hint', '{}',
          '{}', ${now}, 'system')`;
      return record;
    },
    /** What one process has for counting; `stop` writes what it has counted. `clock` says when uses happen. */
    newReplica({ db: own = db, clock = systemClock, logger = silentLogger }: ReplicaOptions = {}): UsageRecorder {
      const deniedUses = createDenialRecorder({ db: own, ...deps, logger });
      const { recordCounts: recordDenials } = deniedUses;
      const writer = createUsageWriter({ db: own, ...deps, logger, recordDenials });
      const recorder = createUsageRecorder({ clock, logger, writer });
      return {
        ...recorder,
        async stop() {
          await recorder.stop();
          await deniedUses.stop();
        },
      };
    },
    async usage(bucket: Bucket, filters: Partial<UsageInput> = {}): Promise<readonly UsageRecord[]> {
      const principal = { kind: 'system', workspaceId, environment: 'live' } as const;
      const request = { id: 'test', method: 'GET', route: '/v1/usage', ip: null, userAgent: null };
      const page = await listUsage({ db, cursors }, { principal, request }, { bucket, limit: 200, ...filters });
      return page.items;
    },
    async lastUse(id: string): Promise<{ at: Date; from: string | null } | undefined> {
      const [row] = await sql<{ at: string; from: string | null }[]>`
        select last_used_at as at, last_used_from as from from credential_uses
        where credential_id = ${idToUuid(id as TokenId)}`;
      return row && { at: new Date(row.at), from: row.from };
    },
    async events(target?: string, viewed: WorkspaceId = workspaceId): Promise<readonly AuditEvent[]> {
      const viewer = { workspaceId: viewed, environment: 'live' } as const;
      const filters = { actions: ['token.*'], ...(target !== undefined && { targets: [target] }) };
      return (await query(db, viewer, filters, { order: 'asc' })).events;
    },
  };
}

/** A clock that stands still until it is told to go on. */
export function createTestClock(at: Date = new Date()): Clock & { time: Date } {
  const clock = {
    time: at,
    now: () => clock.time,
    monotonicMs: () => performance.now(),
  };
  return clock;
}
