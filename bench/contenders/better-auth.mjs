/**
 * better-auth's API keys. Verification has no route of its own: a listener calls `auth.api.verifyApiKey`, as the plugin's
 * documentation proposes, and answers with what introspection would tell of a token. The caller has a key as well, which
 * is verified likewise, or with `CALLER=fixed` a secret that the listener knows.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import { apiKey } from '@better-auth/api-key';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import pg from 'pg';
import { serveAnswers } from './serve.mjs';

const { DATABASE_URL, CALLER, TOKENS = '0' } = process.env;
const ISSUER = 'https://auth.example.com';

const auth = betterAuth({
  baseURL: ISSUER,
  secret: 'a secret of the benchmark that signs nothing',
  logger: { disabled: true },
  telemetry: { enabled: false },
  ...(DATABASE_URL && { database: new pg.Pool({ connectionString: DATABASE_URL, max: 20 }) }),
  plugins: [
    apiKey({
      enableMetadata: true,
      // It allows ten requests a day unless told otherwise.
      rateLimit: { enabled: false },
      ...(DATABASE_URL ? {} : { storage: 'secondary-storage', customStorage: memory(), deferUpdates: true }),
    }),
  ],
});
if (DATABASE_URL) await (await getMigrations(auth.options)).runMigrations();

function memory() {
  const values = new Map();
  return {
    get: (key) => values.get(key) ?? null,
    set: (key, value) => void values.set(key, value),
    delete: (key) => void values.delete(key),
  };
}

/** One user each: in memory, the list of a user's keys is written anew with every use of one of them. */
async function issue(n) {
  const { key } = await auth.api.createApiKey({
    body: {
      userId: `user-${n}`,
      name: `service-${n}-deploy`,
      expiresIn: 90 * 86_400,
      permissions: { invoices: ['read'], payments: ['write'] },
      metadata: { team: 'billing', environment: 'live' },
    },
  });
  return key;
}

const [callerKey, ...tokens] = await Promise.all(Array.from({ length: Number(TOKENS) + 1 }, (_, n) => issue(n)));
const authorization = `Bearer ${callerKey}`;

const digestOf = (text) => hash('sha256', text, 'buffer');
const authorizationDigest = digestOf(authorization);
const isFixedCaller = async (given) => timingSafeEqual(digestOf(given), authorizationDigest);
const isCallerWithKey = async (given) => (await verify(given.slice('Bearer '.length))).valid;
const isCaller = CALLER === 'fixed' ? isFixedCaller : isCallerWithKey;

function verify(key) {
  return auth.api.verifyApiKey({ body: { key } });
}

async function introspect(headers, body) {
  if (!(await isCaller(headers.authorization ?? ''))) return { status: 401, text: '{}' };
  const { valid, key } = await verify(JSON.parse(body).token);
  return { status: 200, text: JSON.stringify(valid ? describe(key) : { active: false }) };
}

function describe({ id, name, referenceId, permissions, metadata, expiresAt, createdAt }) {
  const scopes = Object.entries(permissions).flatMap(([resource, actions]) =>
    actions.map((action) => `${resource}:${action}`),
  );
  return {
    active: true,
    scope: scopes.join(' '),
    client_id: referenceId,
    sub: referenceId,
    token_type: 'Bearer',
    exp: Math.floor(expiresAt.getTime() / 1000),
    iat: Math.floor(createdAt.getTime() / 1000),
    iss: ISSUER,
    jti: id,
    name,
    metadata,
  };
}

serveAnswers(introspect, { authorization, tokens });
