import { beforeEach, describe, expect, test } from 'vitest';
import type { NewEvent } from '../../src/audit/events/event.ts';
import { type Credential, generateCredential } from '../../src/credentials/format.ts';
import type { Answer } from '../../src/introspection/answers.ts';
import { introspect } from '../../src/introspection/introspect.ts';
import type { CredentialRecord } from '../../src/introspection/record.ts';
import type { Records } from '../../src/introspection/records.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createLimits } from '../../src/web/limits.ts';
import { createRefusals } from '../../src/web/refusals.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { apiKey, later, NOW, token } from './records.ts';

// What is decided in which turn of the event loop, from what, and how often it is told.

const KEY = generateCredential('tok', 'live', systemRandom);
const TOKEN = generateCredential('tkn', 'live', systemRandom);

/** What memory knows, what the database knows, and what was asked of it; the database may change before it answers. */
let memory: Map<string, CredentialRecord | null>;
let database: Map<Credential, CredentialRecord>;
let loads: (readonly Credential[])[];
let beforeLoad: () => void;
let used: string[];
let refused: NewEvent[];

beforeEach(() => {
  memory = new Map();
  database = new Map<Credential, CredentialRecord>([
    [KEY, { ...apiKey }],
    [TOKEN, { ...token }],
  ]);
  [loads, used, refused] = [[], [], []];
  beforeLoad = () => {};
});

const records: Records = {
  vouched: () => ({ recall: (text) => memory.get(text), recallSession: () => undefined }),
  async load({ credentials }) {
    loads.push(credentials);
    beforeLoad();
    const found = new Map([...database].filter(([credential]) => credentials.includes(credential)));
    return { credentials: found, sessions: new Map() };
  },
};

function ask(limit = 10): Answer | Promise<Answer> {
  const rate = { limit, windowSeconds: 60 };
  const deps = {
    records,
    accessTokens: { read: () => undefined },
    clock: { ...systemClock, now: () => NOW },
    logger: silentLogger,
    config: { publicUrl: 'https://tooken.example.com' },
    limits: createLimits({ requests: rate, introspections: rate, failures: rate }, systemClock),
    refusals: createRefusals(async (event) => void refused.push(event)),
    recorder: { record: () => Promise.reject(new Error('nothing is to be recorded')) },
    usage: {
      called: () => void used.push('called'),
      introspected: ({ outcome }: { outcome: string }) => void used.push(outcome),
    },
  };
  return introspect(deps, {
    authorization: `Bearer ${KEY}`,
    apiKeyHeader: undefined,
    environmentHeader: undefined,
    contentType: 'application/x-www-form-urlencoded',
    body: Buffer.from(`token=${TOKEN}`),
    origin: { id: 'req', method: 'POST', route: '/v1/tokens/introspect', ip: '127.0.0.1', userAgent: null },
  });
}

const isActive = (answer: Answer) => [answer.status, JSON.parse(answer.body).active];

describe('a question about a token', () => {
  test('is answered at once when memory knows caller and token', () => {
    memory = new Map(database);
    const answer = ask();
    expect(answer).not.toBeInstanceOf(Promise);
    expect(isActive(answer as Answer)).toEqual([200, true]);
    expect([loads, used]).toEqual([[], ['called', 'active']]);
  });

  test('is answered at once about a token that memory knows to be nobody’s', () => {
    memory = new Map<string, CredentialRecord | null>([...database, [TOKEN, null]]);
    expect(isActive(ask() as Answer)).toEqual([200, false]);
    expect([loads, used]).toEqual([[], ['called', 'unknown']]);
  });

  test('has its caller loaded first, then caller and token together, and is counted once', async () => {
    expect(isActive(await ask(1))).toEqual([200, true]);
    expect(loads).toEqual([[KEY], [KEY, TOKEN]]);
    expect(used).toEqual(['called', 'active']);
  });

  test('costs no look-up of its token when the caller has no call left', async () => {
    memory.set(KEY, apiKey);
    expect((await ask(0)).status).toBe(429);
    expect(loads).toEqual([]);
  });

  test('is judged by the caller of the turn in which the token is known', async () => {
    memory.set(KEY, apiKey);
    beforeLoad = () => database.set(KEY, { ...apiKey, expiresAt: later(-1) });
    expect((await ask()).status).toBe(401);
    expect(loads).toEqual([[KEY, TOKEN]]);
    expect(used).toEqual(['called']);
    expect(refused.map(({ action, reason }) => [action, reason])).toEqual([['authentication.failed', 'expired']]);
  });

  test('gets no verdict when its caller has gone while the token was looked up', async () => {
    memory.set(KEY, apiKey);
    beforeLoad = () => database.delete(KEY);
    expect((await ask()).status).toBe(401);
    expect(refused).toHaveLength(1);
  });

  test('gets what was loaded, not what memory said before', async () => {
    beforeLoad = () => {
      if (loads.length < 2) return;
      database.set(TOKEN, { ...token, revokedAt: NOW });
      memory.set(TOKEN, { ...token });
    };
    expect(isActive(await ask())).toEqual([200, false]);
    expect(used).toEqual(['called', 'revoked']);
  });

  test('is answered 503 when nobody can tell', async () => {
    memory.set(KEY, apiKey);
    beforeLoad = () => {
      throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
    };
    expect((await ask()).status).toBe(503);
    expect(used).toEqual(['called']);
  });
});
