import { createDenialRecorder } from '../../src/audit/denials/recorder.ts';
import type { Caller } from '../../src/identity/principal.ts';
import type { TokenRecord } from '../../src/introspection/record.ts';
import type { UsageOutcome } from '../../src/introspection/usage/outcome.ts';
import { createUsageRecorder } from '../../src/introspection/usage/recorder.ts';
import { createUsageWriter } from '../../src/introspection/usage/writer.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { idToUuid, type MemberId, newId, type TokenId, type WorkspaceId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { token as tokenRecord } from '../introspection/records.ts';
import type { TestDatabase } from '../support/database.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { peopleOf } from '../tokens/people.ts';
import { createWorld as createTokenWorld, keyOf } from '../tokens/world.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export interface Past {
  /** Negative lies ahead, and so on below. */
  readonly createdMsAgo?: number;
  readonly expiresInMs?: number;
  readonly notBeforeInMs?: number;
  readonly revokedMsAgo?: number;
  readonly usedMsAgo?: number;
  readonly ownerId?: MemberId;
  readonly environment?: 'live' | 'test';
  readonly workspaceId?: WorkspaceId;
  readonly issuedThrough?: TokenId;
  readonly createdBy?: string;
  readonly name?: string;
}

export interface Use {
  readonly msAgo?: number;
  readonly times?: number;
  readonly outcome?: UsageOutcome;
  readonly source?: string | null;
  /** Absent: an API key of the workspace; null: the token calls Tooken itself. */
  readonly by?: Caller | null;
}

/** A workspace with tokens of its own, of its members and of others, and what was done with them. */
export async function createUsedWorld(database: TestDatabase) {
  const world = await createTokenWorld(database);
  const { deps, sql, time } = world;
  const workspaceId = await world.addWorkspace('acme');
  const elsewhere = await world.addWorkspace('other');
  const people = peopleOf(world);
  const key = keyOf(workspaceId);
  const at = (msAgo: number) => new Date(time.now.getTime() - msAgo).toISOString();
  const optional = (ms: number | undefined) => (ms === undefined ? null : at(ms));

  return {
    ...world,
    ...people,
    workspaceId,
    elsewhere,
    key,
    /** A token as a row, with any past. */
    async addToken(past: Past = {}): Promise<TokenRecord> {
      const id = newId('tkn', deps);
      const { ownerId, environment = 'live', workspaceId: workspace = workspaceId, usedMsAgo, issuedThrough } = past;
      const name = past.name ?? `token ${id.slice(-6)}`;
      const expiresAt = past.expiresInMs === undefined ? null : at(-past.expiresInMs);
      const notBefore = past.notBeforeInMs === undefined ? null : at(-past.notBeforeInMs);
      await sql`
        insert into tokens (id, workspace_id, environment, name, hint, scopes, metadata, owner_id, not_before, expires_at,
          created_at, created_by, issued_through, revoked_at)
        values (${idToUuid(id)}, ${idToUuid(workspace)}, ${environment}, ${name}, 'tkn_live_4fXk…9aB2', '{}', '{}',
          ${ownerId === undefined ? null : idToUuid(ownerId)}, ${notBefore}, ${expiresAt}, ${at(past.createdMsAgo ?? 0)},
          ${past.createdBy ?? 'system'}, ${issuedThrough === undefined ? null : [idToUuid(issuedThrough)]},
          ${optional(past.revokedMsAgo)})`;
      if (usedMsAgo !== undefined)
        await sql`insert into credential_uses (credential_id, last_used_at, last_used_from)
          values (${idToUuid(id)}, ${at(usedMsAgo)}, '192.0.2.9')`;
      return { ...tokenRecord, id, name, workspaceId: workspace, environment };
    },
    /** An API key that exists, as a caller. */
    async addKey(name: string, workspace: WorkspaceId = workspaceId): Promise<ReturnType<typeof keyOf>> {
      const caller = keyOf(workspace);
      const { id } = caller.principal;
      await sql`insert into api_keys (id, workspace_id, environment, name, digest, hint, created_at, created_by)
        values (${idToUuid(id)}, ${idToUuid(workspace)}, 'live', ${name}, ${Buffer.from(id)}, 'hint', now(), 'system')`;
      return caller;
    },
    /** Has a replica count uses of a token, and waits until they are written. */
    async use(record: TokenRecord | null, ...uses: readonly Use[]): Promise<void> {
      for (const { msAgo = 0, times = 1, outcome = 'active', source = '192.0.2.1', by = key } of uses) {
        const clock = { ...deps.clock, now: () => new Date(time.now.getTime() - msAgo) };
        // Events are written at the time of the database, or refused.
        const writing = { db: deps.db, clock: systemClock, random: systemRandom, logger: silentLogger };
        const denials = createDenialRecorder(writing);
        const writer = createUsageWriter({ ...writing, recordDenials: denials.recordCounts });
        const recorder = createUsageRecorder({ clock, logger: silentLogger, writer });
        for (let n = 0; n < times; n += 1) {
          if (by !== null) recorder.introspected({ record, introspector: by.principal, source, outcome });
          else if (record !== null) recorder.called({ ...record, kind: 'token', owner: null }, source);
        }
        await recorder.stop();
        await denials.stop();
      }
    },
  };
}
