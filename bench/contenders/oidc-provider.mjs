/**
 * oidc-provider's introspection of opaque access tokens, made as a client gets them by its own credentials. The client
 * that asks is configured, so nothing is looked up for it.
 */
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';
import pg from 'pg';
import { listen } from './serve.mjs';

const { DATABASE_URL, TOKENS = '0' } = process.env;
const CALLER = { client_id: 'reporting', client_secret: 'a-secret-of-the-benchmark' };
const ISSUING = { client_id: 'ci-pipeline', client_secret: 'another-secret-of-the-benchmark' };
const BY_CREDENTIALS = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] };

const provider = new Provider('https://auth.example.com', {
  adapter: DATABASE_URL ? await postgres(DATABASE_URL) : memory(),
  clients: [
    { ...CALLER, ...BY_CREDENTIALS },
    { ...ISSUING, ...BY_CREDENTIALS },
  ],
  cookies: { keys: ['a secret of the benchmark that signs nothing'] },
  extraTokenClaims: (_, { extra }) => extra,
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true, allowedPolicy: () => true },
  },
  jwks: { keys: [generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })] },
  scopes: ['invoices:read', 'payments:write'],
  ttl: { ClientCredentials: 90 * 86_400 },
});

/** The bundled one keeps a thousand entries at most. */
function memory() {
  const entries = new Map();
  return (model) => ({
    upsert: async (id, payload) => void entries.set(`${model}:${id}`, payload),
    find: async (id) => entries.get(`${model}:${id}`),
  });
}

/** One look-up by primary key, prepared; the driver reads the JSON. */
async function postgres(connectionString) {
  const pool = new pg.Pool({ connectionString, max: 20 });
  await pool.query(`create table if not exists oidc_models (
    model text, id text, payload jsonb not null, expires_at timestamptz not null, primary key (id, model))`);
  const insert = "insert into oidc_models values ($1, $2, $3, now() + $4 * interval '1 second')";
  const select = 'select payload from oidc_models where id = $1 and model = $2 and expires_at > now()';
  return (model) => ({
    upsert: (id, payload, seconds) =>
      pool.query({ name: 'insert', text: insert, values: [model, id, payload, seconds] }),
    find: async (id) => (await pool.query({ name: 'select', text: select, values: [id, model] })).rows[0]?.payload,
  });
}

async function issue(n) {
  const client = await provider.Client.find(ISSUING.client_id);
  const extra = {
    sub: `user-${n}`,
    workspace: 'ws_01m811mnd7e0080000000031mz',
    environment: 'live',
    name: `service-${n}-deploy`,
    metadata: { team: 'billing' },
  };
  return new provider.ClientCredentials({ client, scope: 'invoices:read payments:write', extra }).save();
}

const basic = Buffer.from(`${CALLER.client_id}:${CALLER.client_secret}`).toString('base64');
const tokens = await Promise.all(Array.from({ length: Number(TOKENS) }, (_, n) => issue(n)));
listen(createServer(provider.callback()), { authorization: `Basic ${basic}`, tokens });
