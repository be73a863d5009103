import { setTimeout } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { createFence } from '../../src/coherence/fence.ts';
import { createAnswerSeal } from '../../src/credentials/answer-seal.ts';
import { createDigest } from '../../src/credentials/digest.ts';
import { type Environment, parseCredential } from '../../src/credentials/format.ts';
import { createMasterKey } from '../../src/credentials/master-key.ts';
import { openPool } from '../../src/db/connection.ts';
import type { ApiKeyPrincipal, Caller, TokenPrincipal } from '../../src/identity/principal.ts';
import { effectiveScopes, type Scope } from '../../src/identity/scopes.ts';
import { createCursorCodec } from '../../src/lib/cursor.ts';
import { idToUuid, newId, type TokenId, type WorkspaceId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { type IssueInput, issueToken, type TokenWithSecret } from '../../src/tokens/issue.ts';
import * as rotate from '../../src/tokens/rotate.ts';
import type { Token } from '../../src/tokens/token.ts';
import * as update from '../../src/tokens/update.ts';
import type { TestDatabase } from '../support/database.ts';

/** What the services of tokens draw on, on a database of its own, with a clock that a test can set. */
export type World = Awaited<ReturnType<typeof createWorld>>;

export async function createWorld(database: TestDatabase) {
  const { db, close } = openPool(database.app, { maxConnections: 8, applicationName: 'tooken-test' });
  afterAll(close);
  const time = { now: new Date() };
  const masterKey = createMasterKey(Buffer.alloc(32, 3));
  const clock = { now: () => time.now, monotonicMs: () => performance.now() };
  const deps = {
    db,
    clock,
    fence: createFence({ connections: { use: (look) => look(db) }, clock }),
    random: systemRandom,
    digest: createDigest(masterKey.derive('credential-pepper')),
    cursors: createCursorCodec(masterKey.derive('cursor-mac')),
    answers: createAnswerSeal(masterKey.derive('idempotency-encryption')),
  };
  const sql = db.$client;

  return {
    deps,
    sql,
    time,
    /** Moves the clock on. */
    pass: (seconds: number) => {
      time.now = new Date(time.now.getTime() + seconds * 1000);
    },
    async addWorkspace(name: string): Promise<WorkspaceId> {
      const id = newId('ws', deps);
      await sql`insert into workspaces (id, name, token_prefix, created_at, updated_at)
        values (${idToUuid(id)}, ${name}, 'tkn', now(), now())`;
      return id;
    },
    issue: (caller: Caller, input: Partial<IssueInput> = {}): Promise<TokenWithSecret> =>
      issueToken(deps, caller, terms(input)),
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
    /** Digests of the secrets that open the token, with their ends. */
    secretsOf: (id: TokenId) => sql<{ digest: Buffer; valid_until: string | null }[]>`
      select digest, valid_until from token_secrets where token_id = ${idToUuid(id)}
      order by valid_until nulls first`,
    digestOf(secret: string): Buffer {
      const credential = parseCredential(secret);
      if (credential === undefined) throw new Error('not a credential');
      return deps.digest(credential);
    },
    /** The leaves of the events about `id`, in the order they were appended. */
    async eventsOf(id: string): Promise<Leaf[]> {
      const rows = await sql<{ leaf: Leaf }[]>`
        select convert_from(e.leaf, 'UTF8')::jsonb as leaf from audit_pending p join audit_events e on e.id = p.event_id
        where convert_from(e.leaf, 'UTF8')::jsonb @> ${JSON.stringify({ targets: [{ id }] })}::text::jsonb
        order by p.id`;
      return rows.map(({ leaf }) => leaf);
    },
  };
}

export interface Leaf {
  readonly action: string;
  readonly actor: { readonly type: string; readonly id: string };
  readonly changes: readonly { readonly field: string; readonly old?: unknown; readonly new?: unknown }[];
}

/** Terms of a token: those given, and whatever for the rest. */
export function terms(input: Partial<IssueInput> = {}): IssueInput {
  return {
    name: 'a token',
    description: null,
    scopes: scopes('invoices:read'),
    audience: null,
    metadata: {},
    allowedCidrs: null,
    notBefore: null,
    ...input,
  };
}

export function scopes(...names: string[]): Scope[] {
  return names as Scope[];
}

const request = { id: 'test', method: 'POST', route: '/test', ip: '192.0.2.1', userAgent: 'test' };

export function keyOf(
  workspaceId: WorkspaceId,
  environment: Environment = 'live',
): Caller & { principal: ApiKeyPrincipal } {
  const id = newId('key', { clock: { now: () => new Date(), monotonicMs: () => 0 }, random: systemRandom });
  return { principal: { kind: 'api_key', id, name: 'ci', workspaceId, environment, expiresAt: null }, request };
}

/** The services of the same names, without word of where they have taken effect. */
export async function updateToken(...input: Parameters<typeof update.updateToken>): Promise<Token> {
  return (await update.updateToken(...input)).token;
}

export async function rotateToken(...input: Parameters<typeof rotate.rotateToken>): Promise<rotate.Rotation> {
  return (await rotate.rotateToken(...input)).rotation;
}

export async function finishRotation(...input: Parameters<typeof rotate.finishRotation>): Promise<Token> {
  return (await rotate.finishRotation(...input)).token;
}

/** A token as a caller. */
export function callerOf(token: Token): Caller & { principal: TokenPrincipal } {
  const { id, name, workspaceId, environment, audience, allowedCidrs, notBefore, expiresAt } = token;
  const principal = { id, name, workspaceId, environment, audience, allowedCidrs, notBefore, expiresAt };
  return {
    principal: {
      kind: 'token',
      ...principal,
      owner: null,
      projectId: null,
      scopes: effectiveScopes(token.scopes),
      secret: 'current',
    },
    request,
  };
}
