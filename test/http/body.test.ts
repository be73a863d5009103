import { beforeAll, describe, expect, it, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { deleteApiKey } from '../../src/keys/delete.ts';
import { regenerateApiKey } from '../../src/keys/regenerate.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestService, type TestKey, type TestWorkspace } from '../support/service.ts';

const database = await createTestDatabase();
const service = await createTestService(database);
const app = createApp(service.context);
let workspace: TestWorkspace;

beforeAll(async () => {
  workspace = await service.addWorkspace('bodies');
});

const issue = async (scopes: string[]) => {
  const { body } = await service.call('POST', '/v1/tokens', {
    secret: workspace.live.secret,
    json: { name: 'token', scopes },
  });
  return { id: body.token.id as string, secret: body.secret as string };
};

/** Starts a call and holds the last byte of its body back until `finish`, which resolves with the status. */
async function begin(secret: string, path: string, json: object): Promise<{ finish(): Promise<number> }> {
  const bytes = new TextEncoder().encode(JSON.stringify(json));
  let release = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes.subarray(0, -1));
      release = () => {
        controller.enqueue(bytes.subarray(-1));
        controller.close();
      };
    },
  });
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const answer = Promise.resolve(app.request(path, { method: 'POST', headers, body, duplex: 'half' } as RequestInit));
  // By the time this call is through, whatever the first one does without its last byte is done.
  await service.call('GET', '/v1/whoami', { secret });
  return {
    finish: async () => {
      release();
      return (await answer).status;
    },
  };
}

describe('a call is judged by the rights its caller has when the last byte of the body comes', () => {
  const order = { name: 'late', scopes: ['a:read'] };
  const request = { id: 'test', method: 'CLI', route: 'test', ip: null, userAgent: null };
  const callerFor = (id: TestWorkspace['id']) => ({
    principal: { kind: 'system', workspaceId: id, environment: 'live' } as const,
    request,
  });
  const countLate = async (secret: string) =>
    (await service.call('GET', '/v1/tokens?name=late', { secret })).body.data.length;

  test.each([
    ['deleted', (id: TestWorkspace['id'], key: TestKey) => deleteApiKey(service.context, callerFor(id), key.id)],
    [
      'regenerated',
      (id: TestWorkspace['id'], key: TestKey) => regenerateApiKey(service.context, callerFor(id), key.id),
    ],
  ])('an API key that was %s meanwhile issues nothing', async (what, end) => {
    const { id, live } = await service.addWorkspace(`key ${what}`);
    const call = await begin(live.secret, '/v1/tokens', order);
    await end(id, live);
    expect(await call.finish()).toBe(401);
  });

  test.each([
    ['revoked', 401, 'revoke', {}],
    ['rotated', 401, 'rotate', {}],
  ])('a token that was %s meanwhile gets %i', async (_what, status, action, json) => {
    const holder = await issue(['tokens:write', 'a:read']);
    const call = await begin(holder.secret, '/v1/tokens', order);
    const { secret } = workspace.live;
    expect((await service.call('POST', `/v1/tokens/${holder.id}/${action}`, { secret, json })).status).toBe(200);
    expect(await call.finish()).toBe(status);
    expect(await countLate(secret)).toBe(0);
  });

  test('a token that lost tokens:write meanwhile gets 403', async () => {
    const holder = await issue(['tokens:write', 'a:read']);
    const call = await begin(holder.secret, '/v1/tokens', order);
    const { secret } = workspace.live;
    await service.call('PATCH', `/v1/tokens/${holder.id}`, { secret, json: { scopes: ['a:read'] } });
    expect(await call.finish()).toBe(403);
    expect(await countLate(secret)).toBe(0);
  });
});

describe('a body that is absent counts as an empty object', () => {
  it.each([
    ['no media type', {}],
    ['text/plain', { 'content-type': 'text/plain' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['JSON in odd dress', { 'content-type': 'Application/JSON ; charset = "utf-8"' }],
  ])('with %s', async (_case, headers) => {
    const { id } = await issue(['a:read']);
    const { secret } = workspace.live;
    for (const action of ['rotate', 'revoke']) {
      const answer = await service.call('POST', `/v1/tokens/${id}/${action}`, { secret, headers });
      expect(answer.status, answer.text).toBe(200);
    }
    const issued = await service.call('POST', '/v1/tokens', { secret, headers });
    expect([issued.status, issued.body.error]).toEqual([422, 'validation_failed']);
  });
});

describe('every spelling of the JSON media type is one', () => {
  it.each([
    'application/json',
    'APPLICATION/JSON',
    'application/json;charset=utf-8',
    'application/json; charset="UTF-8"',
    'application/json ; charset = utf-8 ',
  ])('%s', async (type) => {
    const answer = await service.call('POST', '/v1/tokens', {
      secret: workspace.live.secret,
      body: '{"name":"token","scopes":["a:read"]}',
      headers: { 'content-type': type },
    });
    expect(answer.status, answer.text).toBe(201);
  });
});

describe('a body that readers could understand differently is refused', () => {
  const token = '"name":"token","scopes":["a:read"]';
  it.each([
    ['a member that occurs twice', `{${token},"scopes":["b:write"]}`],
    ['a member that occurs twice, once escaped', `{${token},"scope\\u0073":["b:write"]}`],
    ['an inner member that occurs twice', `{${token},"metadata":{"a":[{"b":1,"c":{},"b":2}]}}`],
    ['an expiry beyond all numbers, which is not "never"', `{${token},"expires_at":1e400}`],
    ['addresses beyond all numbers, which are not "any"', `{${token},"allowed_cidrs":-1e400}`],
    ['an audience beyond all numbers, which is not "none"', `{${token},"audience":1e400}`],
    ['metadata beyond all numbers', `{${token},"metadata":{"a":[1e400]}}`],
  ])('%s', async (_case, body) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await service.call('POST', '/v1/tokens', { secret: workspace.live.secret, body, headers });
    expect([answer.status, answer.body.error], answer.text).toEqual([400, 'invalid_request']);
  });

  it('but members of different objects may have the same name', async () => {
    const answer = await service.call('POST', '/v1/tokens', {
      secret: workspace.live.secret,
      json: {
        name: 'token',
        scopes: ['a:read'],
        metadata: { name: [{ name: 1 }, { name: '"name":' }], a: { name: {} } },
      },
    });
    expect(answer.status, answer.text).toBe(201);
  });
});
