import { eq } from 'drizzle-orm';
import { afterAll } from 'vitest';
import type { NewEvent } from '../../src/audit/events/event.ts';
import { readConfig } from '../../src/config/config.ts';
import { createContext } from '../../src/context.ts';
import { type Credential, type Environment, generateCredential, hintOf } from '../../src/credentials/format.ts';
import { type ConnectionTarget, type Database, openPool } from '../../src/db/connection.ts';
import { apiKeys } from '../../src/db/schema/api-keys.ts';
import { tokenSecrets, tokens } from '../../src/db/schema/tokens.ts';
import { workspaces } from '../../src/db/schema/workspaces.ts';
import type { Records } from '../../src/introspection/records.ts';
import { type ApiKeyId, idToUuid, newId, type TokenId, type WorkspaceId } from '../../src/lib/ids.ts';
import { createRefusals } from '../../src/web/refusals.ts';
import type { Services } from '../../src/web/services.ts';
import { dataDirOf } from '../support/data-dir.ts';
import { createTestRecords, unreachable } from '../support/records.ts';
import { silentLogger } from '../support/silent-logger.ts';

export interface Issued<Id> {
  readonly id: Id;
  readonly secret: Credential;
}

export interface TokenFields {
  readonly workspaceId?: WorkspaceId;
  readonly environment?: Environment;
  readonly name?: string;
  readonly scopes?: readonly string[];
  readonly audience?: string;
  readonly metadata?: Record<string, unknown>;
  readonly allowedCidrs?: readonly string[];
  readonly notBefore?: Date;
  readonly expiresAt?: Date;
  readonly createdAt?: Date;
  readonly createdBy?: string;
  readonly revokedAt?: Date;
}

export interface KeyFields {
  readonly workspaceId?: WorkspaceId;
  readonly environment?: Environment;
  readonly allowedCidrs?: readonly string[];
  readonly expiresAt?: Date;
}

/** Two workspaces in a database of their own, and what the endpoints draw on, with eyes on what they record. */
export interface World {
  readonly services: Services;
  readonly workspaceId: WorkspaceId;
  readonly otherWorkspaceId: WorkspaceId;
  /** What the service takes for the time; starts at the real one. */
  readonly clock: { time: Date };
  readonly refused: NewEvent[];
  readonly uses: { readonly id: string; readonly source: string | null }[];
  issueKey(fields?: KeyFields): Promise<Issued<ApiKeyId>>;
  issueToken(fields?: TokenFields): Promise<Issued<TokenId>>;
  /** Another secret for a token: the one before, good until `validUntil`. */
  addPrevious(id: TokenId, validUntil: Date): Promise<Credential>;
  revokedAt(id: TokenId): Promise<Date | null>;
  /** A database that cannot be asked any more. */
  openClosedPool(): Promise<Database>;
  /** Records of a database that cannot be reached. */
  readonly lostRecords: Records;
}

export const ISSUER = 'https://tooken.example.com';

/** Call it at the top level of a file: what it opens is closed when the file ends. */
export async function createWorld(target: ConnectionTarget): Promise<World> {
  const clock = { time: new Date(Math.floor(Date.now() / 1000) * 1000) };
  const [refused, uses]: [NewEvent[], World['uses']] = [[], []];
  const services = await createServices(target, clock, { refused, uses });
  const workspaceId = await addWorkspace(services);
  const otherWorkspaceId = await addWorkspace(services);
  return {
    services,
    clock,
    refused,
    uses,
    workspaceId,
    otherWorkspaceId,
    lostRecords: createTestRecords(unreachable(target), services.digest),
    issueKey: (fields = {}) => insertKey(services, { workspaceId, ...fields }),
    issueToken: (fields = {}) => insertToken(services, { workspaceId, ...fields }),
    addPrevious: (id, validUntil) => addSecret(services, id, validUntil),
    async openClosedPool() {
      const pool = openPool(target, { maxConnections: 1, applicationName: 'tooken-test' });
      await pool.close();
      return pool.db;
    },
    async revokedAt(id) {
      const [row] = await services.db
        .select()
        .from(tokens)
        .where(eq(tokens.id, idToUuid(id)));
      return row?.revokedAt ?? null;
    },
  };
}

/** The service as it is put together, but for who hears of refusals and uses. */
async function createServices(
  target: ConnectionTarget,
  time: World['clock'],
  { refused, uses }: Pick<World, 'refused' | 'uses'>,
): Promise<Services> {
  const pool = openPool(target, { maxConnections: 4, applicationName: 'tooken-test' });
  const config = readConfig({
    TOOKEN_PUBLIC_URL: ISSUER,
    TOOKEN_RATE_FAILURES: 'off',
    TOOKEN_DATA_DIR: dataDirOf(target.database),
  });
  const secrets = { databaseUrl: undefined, migrationDatabaseUrl: undefined, masterKey: Buffer.alloc(32, 5) };
  const context = await createContext(config, secrets, {
    clock: { now: () => time.time, monotonicMs: () => performance.now() },
    logger: silentLogger,
    database: { ...pool, applied: 0 },
  });
  afterAll(() => context[Symbol.asyncDispose]());
  return {
    ...context,
    refusals: createRefusals(async (event) => void refused.push(event)),
    usage: {
      introspected({ record, source, outcome }) {
        if (record !== null && (outcome === 'active' || outcome === 'missing_scope'))
          uses.push({ id: record.id, source });
      },
      called(principal, source) {
        if (principal.kind !== 'system') uses.push({ id: principal.id, source });
      },
    },
  };
}

async function addWorkspace({ db, ...source }: Services): Promise<WorkspaceId> {
  const id = newId('ws', source);
  const at = source.clock.now();
  await db.insert(workspaces).values({ id: idToUuid(id), name: id, tokenPrefix: 'tkn', createdAt: at, updatedAt: at });
  return id;
}

async function insertKey(services: Services, fields: KeyFields & Home): Promise<Issued<ApiKeyId>> {
  const { db, digest, random, clock } = services;
  const { environment = 'live', workspaceId, ...rest } = fields;
  const [id, secret] = [newId('key', services), generateCredential('tok', environment, random)];
  await db.insert(apiKeys).values({
    name: 'ci',
    createdBy: 'system',
    createdAt: clock.now(),
    ...toMutable(rest),
    id: idToUuid(id),
    workspaceId: idToUuid(workspaceId),
    environment,
    digest: digest(secret),
    hint: hintOf(secret),
  });
  return { id, secret };
}

async function insertToken(services: Services, fields: TokenFields & Home): Promise<Issued<TokenId>> {
  const { db, digest, random, clock } = services;
  const { environment = 'live', workspaceId, scopes = [], metadata = {}, ...rest } = fields;
  const [id, secret] = [newId('tkn', services), generateCredential('tkn', environment, random)];
  await db.insert(tokens).values({
    name: 'billing',
    createdBy: 'system',
    createdAt: clock.now(),
    ...toMutable(rest),
    id: idToUuid(id),
    workspaceId: idToUuid(workspaceId),
    environment,
    scopes: [...scopes],
    metadata,
    hint: hintOf(secret),
  });
  await db.insert(tokenSecrets).values({ digest: digest(secret), tokenId: idToUuid(id), createdAt: clock.now() });
  return { id, secret };
}

async function addSecret({ db, digest, random, clock }: Services, id: TokenId, validUntil: Date): Promise<Credential> {
  const secret = generateCredential('tkn', 'live', random);
  const tokenId = idToUuid(id);
  await db.insert(tokenSecrets).values({ digest: digest(secret), tokenId, createdAt: clock.now(), validUntil });
  return secret;
}

interface Home {
  readonly workspaceId: WorkspaceId;
}

function toMutable<Fields extends { readonly allowedCidrs?: readonly string[] }>({ allowedCidrs, ...fields }: Fields) {
  return { ...fields, ...(allowedCidrs && { allowedCidrs: [...allowedCidrs] }) };
}
