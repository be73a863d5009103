import { beforeAll, describe, expect, test } from 'vitest';
import { generateCredential } from '../../src/credentials/format.ts';
import { batchBody } from '../../src/http/routes/oauth-schemas.ts';
import type { Records } from '../../src/introspection/records.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { ApiKeyId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createLimits } from '../../src/web/limits.ts';
import { createTestDatabase } from '../support/database.ts';
import { type Connect, sendToApp, sendToCore } from './adapters.ts';
import { bearer } from './callers.ts';
import { createWorld, type Issued } from './world.ts';

const database = await createTestDatabase();
const world = await createWorld(database.app);
const JSON_TYPE = { 'content-type': 'application/json' };
const ONE = '/v1/tokens/introspect';
const BATCH = '/v1/tokens/introspect/batch';

describe.each([
  ['the core', sendToCore],
  ['the application', sendToApp],
])('a batch of introspections through %s', (_, connect: Connect) => {
  const send = connect(world.services);
  let key: Issued<ApiKeyId>;

  beforeAll(async () => {
    key = await world.issueKey();
  });

  const post = (requests: unknown, secret: string = key.secret, through = send) =>
    through({ path: BATCH, headers: { ...bearer(secret), ...JSON_TYPE }, body: JSON.stringify({ requests }) });
  const askAlone = async (question: object) => {
    const headers = { ...bearer(key.secret), ...JSON_TYPE };
    return JSON.parse((await send({ path: ONE, headers, body: JSON.stringify(question) })).body);
  };

  test('answers each as if it were asked alone, in order', async () => {
    const good = await world.issueToken({ scopes: ['a:write'], allowedCidrs: ['192.0.2.0/24'] });
    const questions = [
      { token: good.secret, client_ip: '192.0.2.1', required_scope: 'a:read' },
      { token: good.secret },
      { token: good.secret, client_ip: '192.0.2.1', required_scope: 'b:read', token_type_hint: 'x', other: 1 },
      { token: generateCredential('tkn', 'live', systemRandom) },
      { token: 'malformed' },
      { token: key.secret },
      { token: (await world.issueToken({ workspaceId: world.otherWorkspaceId })).secret },
      { token: (await world.issueToken({ environment: 'test' })).secret },
      { token: (await world.issueToken({ revokedAt: world.clock.time })).secret },
    ];
    const reply = await post(questions);
    expect(reply.status).toBe(200);
    const { results } = batchBody.parse(JSON.parse(reply.body));
    expect(results).toEqual(await Promise.all(questions.map(askAlone)));
    expect(results.map(({ active }) => active)).toEqual([true, false, true, ...Array(6).fill(false)]);
  });

  test('loads all that memory cannot tell at once', async () => {
    const { records } = world.services;
    const loads: number[] = [];
    const watched: Records = {
      ...records,
      load: (sought) => {
        loads.push(sought.credentials.length);
        return records.load(sought);
      },
    };
    const tokens = await Promise.all(Array.from({ length: 100 }, () => world.issueToken()));
    const watchedSend = connect({ ...world.services, records: watched });
    await askAlone({ token: 'warms the caller' });
    const reply = await post(
      tokens.map(({ secret }) => ({ token: secret })),
      key.secret,
      watchedSend,
    );
    expect(JSON.parse(reply.body).results.map(({ jti }: { jti: string }) => jti)).toEqual(tokens.map(({ id }) => id));
    // The caller's record is loaded with them: all of one decision are of one moment.
    expect(loads).toEqual([101]);
  });

  test('counts every question against the limit of the caller', async () => {
    const rate = (limit: number) => ({ limit, windowSeconds: 60 });
    const limits = createLimits({ requests: rate(1), introspections: rate(5), failures: rate(2) }, systemClock);
    const limited = connect({ ...world.services, limits });
    const three = Array(3).fill({ token: 'x' });
    expect((await post(three, key.secret, limited)).status).toBe(200);
    expect((await post(three, key.secret, limited)).status).toBe(429);
  });

  test.each([
    ['no list', {}, 'Send a list of 1 to 100 objects as requests.'],
    ['an empty list', [], 'Send a list of 1 to 100 objects as requests.'],
    ['too many', Array(101).fill({ token: 'x' }), 'Send a list of 1 to 100 objects as requests.'],
    ['something else in it', [{ token: 'x' }, 'y'], 'Send a list of 1 to 100 objects as requests.'],
    ['no token', [{ token: 'x' }, { client_ip: '192.0.2.1' }], 'requests[1]: The parameter token is missing.'],
    ['a number for a token', [{ token: 7 }], 'A parameter is not a text. Send each as a string.'],
    [
      'an address that is none',
      [{ token: 'x', client_ip: '300.1.1.1' }],
      'requests[0]: The parameter client_ip must be one IPv4 or IPv6 address.',
    ],
  ])('with %s is refused as a whole', async (_name, requests, description) => {
    const reply = await post(requests);
    expect([reply.status, JSON.parse(reply.body)]).toEqual([
      400,
      { error: 'invalid_request', error_description: description },
    ]);
  });

  test('is JSON, and no member of it occurs twice', async () => {
    const ask = async (body: string, type: string) => {
      const reply = await send({ path: BATCH, headers: { ...bearer(key.secret), 'content-type': type }, body });
      return reply.status;
    };
    expect(await ask('token=x', 'application/x-www-form-urlencoded')).toBe(415);
    expect(await ask('{"requests":[{"token":"x","token":"y"}]}', 'application/json')).toBe(400);
    expect(await ask('{"requests":[{"token":"x"}],"requests":[{"token":"y"}]}', 'application/json')).toBe(400);
    expect(await ask('{"requests":', 'application/json')).toBe(400);
    expect(await ask(`{"requests":[{"token":"${'x'.repeat(70_000)}"}]}`, 'application/json')).toBe(413);
  });

  test('needs a caller that may introspect, and a database for what memory does not know', async () => {
    const { secret } = await world.issueToken({ scopes: ['tokens:read'] });
    const introspector = await world.issueToken({ scopes: ['tokens:introspect'] });
    const questions = [{ token: (await world.issueToken()).secret }];
    expect((await post(questions, 'nonsense')).status).toBe(401);
    expect((await post(questions, secret)).status).toBe(403);
    const away = connect({ ...world.services, records: world.lostRecords });
    expect((await post(questions, key.secret, away)).status).toBe(503);
    expect((await post(questions, introspector.secret)).status).toBe(200);
  });
});
