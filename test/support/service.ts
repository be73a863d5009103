import { afterAll } from 'vitest';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config/config.ts';
import type { SmtpSettings } from '../../src/config/smtp.ts';
import { type Context, type ContextOverrides, createContext } from '../../src/context.ts';
import type { Environment } from '../../src/credentials/format.ts';
import { openPool } from '../../src/db/connection.ts';
import { createApiKey } from '../../src/keys/create.ts';
import type { ApiKeyId, WorkspaceId } from '../../src/lib/ids.ts';
import { readAnswer, type TestAnswer } from './answer.ts';
import { nextMillisecond } from './clock.ts';
import { dataDirOf } from './data-dir.ts';
import type { TestDatabase } from './database.ts';
import { responseSchemasOf } from './response-schemas.ts';
import { silentLogger } from './silent-logger.ts';
import { createWorkspace } from './workspaces.ts';

/** One workspace with a key for each environment. */
export interface TestWorkspace {
  readonly id: WorkspaceId;
  readonly live: TestKey;
  readonly test: TestKey;
}

export interface TestKey {
  readonly id: ApiKeyId;
  readonly secret: string;
}

export interface TestService {
  readonly context: Context;
  /**
   * Sends a request to the application, with `secret` as Bearer and `json` as body where they are given. Fails if the
   * answer is not what its route declares.
   */
  call(method: string, path: string, options?: CallOptions): Promise<TestAnswer>;
  addWorkspace(name: string): Promise<TestWorkspace>;
}

interface CallOptions {
  readonly secret?: string | undefined;
  readonly json?: unknown;
  readonly body?: string | Uint8Array;
  readonly headers?: Record<string, string>;
  /** Where the request comes from; a loopback address unless given. */
  readonly address?: string;
}

interface TestOverrides extends ContextOverrides {
  /** Where mails go; nowhere unless given. */
  readonly smtp?: SmtpSettings | undefined;
}

export const MASTER_KEY = Buffer.alloc(32, 42);

/** The whole application on `database`, without a listener; its context is disposed when the test file ends. */
export async function createTestService(
  database: TestDatabase,
  env: Record<string, string> = {},
  { smtp, ...overrides }: TestOverrides = {},
): Promise<TestService> {
  const pool = openPool(database.app, { maxConnections: 8, applicationName: 'tooken-test' });
  const context = await createContext(
    readConfig({ TOOKEN_RATE_FAILURES: 'off', TOOKEN_DATA_DIR: dataDirOf(database.app.database), ...env }),
    { databaseUrl: undefined, migrationDatabaseUrl: undefined, masterKey: MASTER_KEY, smtp },
    { logger: silentLogger, database: { ...pool, applied: 0 }, ...overrides },
  );
  afterAll(() => context[Symbol.asyncDispose]());
  const app = createApp(context);
  const schemas = responseSchemasOf(app.api);
  return {
    context,
    addWorkspace: (name) => addWorkspace(context, name),
    async call(method, path, { secret, json, body, headers = {}, address = '127.0.0.1' } = {}) {
      const response = await app.request(
        path,
        {
          method,
          headers: {
            ...(secret !== undefined && { authorization: `Bearer ${secret}` }),
            ...(json !== undefined && { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(json !== undefined && { body: JSON.stringify(json) }),
          ...(body !== undefined && { body }),
        },
        { incoming: { socket: { remoteAddress: address } } },
      );
      const answer = await readAnswer(response);
      schemas.check(method, path, answer);
      return answer;
    },
  };
}

async function addWorkspace(context: Context, name: string): Promise<TestWorkspace> {
  const request = { id: 'test', method: 'CLI', route: 'test', ip: null, userAgent: null };
  const { id } = await createWorkspace(context, request, name);
  const addKey = async (environment: Environment): Promise<TestKey> => {
    const principal = { kind: 'system', workspaceId: id, environment } as const;
    const { apiKey, secret } = await createApiKey(context, { principal, request }, { name: environment, environment });
    return { id: apiKey.id, secret };
  };
  const live = await addKey('live');
  // The list of keys has them in this order.
  await nextMillisecond();
  return { id, live, test: await addKey('test') };
}
