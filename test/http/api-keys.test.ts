import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { changeMember } from '../../src/identity/members/change.ts';
import { idToUuid, newId } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { addPerson, PASSWORD, type Person, signFor } from '../support/people.ts';
import { createTestService, type TestWorkspace } from '../support/service.ts';

const service = await createTestService(await createTestDatabase());
const PATH = '/v1/api-keys';

let workspace: TestWorkspace;
let owner: Person;
let admin: Person;

beforeAll(async () => {
  workspace = await service.addWorkspace('home');
  owner = await addPerson(service, workspace, { access: 'owner' });
  admin = await addPerson(service, workspace, { access: 'admin' });
});

type Options = Parameters<typeof service.call>[2];
const as = ({ secret }: Person, method: string, path: string, options: Options = {}) =>
  service.call(method, path, { secret, ...options });
const create = (json: object = {}, { headers = {}, person = admin } = {}) =>
  as(person, 'POST', PATH, { json: { name: 'ci', environment: 'live', ...json }, headers });
const whoami = async (secret: string) => (await service.call('GET', '/v1/whoami', { secret })).status;
const once = (key = newId('req', service.context)) => ({ 'idempotency-key': key });

async function eventsOf(id: string, action: string) {
  const { body } = await as(owner, 'GET', `/v1/audit-log?target=${id}&action=${action}`);
  return body.data;
}

describe('an API key that a member creates', () => {
  it('works at once, in its environment, and is shown without its value from then on', async () => {
    const { status, body, text } = await create({ environment: 'test' });
    expect([status, body.secret]).toEqual([201, expect.stringMatching(/^tok_test_/)]);
    expect(body.api_key).toMatchObject({ name: 'ci', environment: 'test', status: 'active', created_by: admin.id });
    expect(await whoami(body.secret)).toBe(200);
    const read = await as(owner, 'GET', `${PATH}/${body.api_key.id}`);
    expect(read.body).toMatchObject({ id: body.api_key.id, hint: body.api_key.hint });
    expect(text).toContain(body.secret);
    expect(read.text).not.toContain(body.secret);
  });

  it('can be held to addresses and to a time', async () => {
    const { body } = await create({ expires_in: 3600, allowed_cidrs: ['192.0.2.77/24'] });
    expect(body.api_key.allowed_cidrs).toEqual(['192.0.2.0/24']);
    const lifeMs = Date.parse(body.api_key.expires_at) - Date.parse(body.api_key.created_at);
    expect(Math.abs(lifeMs - 3_600_000)).toBeLessThan(1_000);
    const from = async (address: string) =>
      (await service.call('GET', '/v1/whoami', { secret: body.secret, address })).status;
    expect([await from('192.0.2.1'), await from('198.51.100.1')]).toEqual([200, 401]);
  });

  it.each([
    [{ name: ' ' }, 'name'],
    [{ environment: 'prod' }, 'environment'],
    [{ environment: undefined }, 'environment'],
    [{ expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
    [{ expires_in: 60, expires_at: null }, 'expires_in'],
    [{ allowed_cidrs: [] }, 'allowed_cidrs'],
    [{ allowed_cidrs: ['everywhere'] }, 'allowed_cidrs[0]'],
    [{ scopes: ['tokens:read'] }, 'scopes'],
  ])('is refused with %j', async (json, path) => {
    const { status, body } = await create(json);
    expect([status, body.details?.[0]?.path]).toEqual([422, path]);
  });

  it('is told in the audit log, by whom and without its value', async () => {
    const { body } = await create();
    const [event, ...more] = await eventsOf(body.api_key.id, 'api_key.created');
    expect(event.actor).toMatchObject({ type: 'member', id: admin.id });
    expect(more).toEqual([]);
    expect(JSON.stringify(event)).not.toContain(body.secret.slice(10, -6));
  });
});

describe('a member who proved who it is too long ago', () => {
  it('creates and regenerates no key until it has stepped up, and is told so', async () => {
    const stale = await addPerson(service, workspace, { access: 'owner', authenticatedSecondsAgo: 601 });
    const regenerate = (person: Person) => as(person, 'POST', `${PATH}/${workspace.test.id}/regenerate`);
    for (const { status, body, headers } of [await create({}, { person: stale }), await regenerate(stale)]) {
      expect([status, body.error]).toEqual([401, 'insufficient_user_authentication']);
      expect(body.message).toContain('/v1/auth/step-up');
      expect(headers.get('www-authenticate')).toBe(
        'Bearer realm="tooken", error="insufficient_user_authentication", max_age="600"',
      );
    }
    const { body } = await as(stale, 'POST', '/v1/auth/step-up', { json: { password: PASSWORD } });
    expect((await create({}, { person: { ...stale, secret: body.access_token } })).status).toBe(201);
    // What takes rights away waits for nothing.
    const { body: leaked } = await create();
    expect((await as(stale, 'DELETE', `${PATH}/${leaked.api_key.id}`)).status).toBe(200);
  });
});

describe('the list of API keys', () => {
  it('is newest first, in pages, of both environments or of one', async () => {
    const other = await service.addWorkspace('list');
    const reader = await addPerson(service, other, { access: 'admin' });
    const list = async (query: string) => (await as(reader, 'GET', `${PATH}?${query}`)).body;
    const first = await list('limit=1');
    const second = await list(`limit=1&cursor=${encodeURIComponent(first.next_cursor)}`);
    expect([first, second].map(({ data }) => data[0].id)).toEqual([other.test.id, other.live.id]);
    expect(second.next_cursor).toBeNull();
    expect((await list('environment=live')).data).toMatchObject([{ id: other.live.id }]);
    const stolen = `${PATH}?limit=1&cursor=${encodeURIComponent(first.next_cursor)}`;
    expect((await as(admin, 'GET', stolen)).body.error).toBe('invalid_request');
    expect((await as(reader, 'GET', `${stolen}&environment=live`)).body.error).toBe('invalid_request');
  });
});

describe('an API key that is regenerated', () => {
  it('has a new value, and the old one is dead once the call has answered', async () => {
    const { body: made } = await create();
    const { status, body } = await as(admin, 'POST', `${PATH}/${made.api_key.id}/regenerate`);
    expect([status, body.api_key]).toEqual([200, expect.objectContaining({ id: made.api_key.id, name: 'ci' })]);
    expect(body.effective.replicas).toBeGreaterThan(0);
    expect([await whoami(made.secret), await whoami(body.secret)]).toEqual([401, 200]);
    expect(await eventsOf(made.api_key.id, 'api_key.regenerated')).toHaveLength(1);
  });

  it('is not found if there is none', async () => {
    const nothing = newId('key', service.context);
    expect((await as(admin, 'POST', `${PATH}/${nothing}/regenerate`)).status).toBe(404);
    expect((await as(admin, 'POST', `${PATH}/nonsense/regenerate`)).status).toBe(404);
  });
});

describe('an API key that is deleted', () => {
  it('is dead once the call has answered, which says how many of its tokens live on', async () => {
    const { body: made } = await create();
    const json = { name: 'job', scopes: ['invoices:read'] };
    const { body: token } = await service.call('POST', '/v1/tokens', { secret: made.secret, json });
    const { status, body } = await as(admin, 'DELETE', `${PATH}/${made.api_key.id}`);
    expect([status, body.live_token_count, body.api_key.id]).toEqual([200, 1, made.api_key.id]);
    expect([await whoami(made.secret), await whoami(token.secret)]).toEqual([401, 200]);
    expect((await as(admin, 'DELETE', `${PATH}/${made.api_key.id}`)).status).toBe(404);
    expect(await eventsOf(made.api_key.id, 'api_key.deleted')).toHaveLength(1);
  });
});

describe('a call with an Idempotency-Key', () => {
  it('that creates a key does so once, and gives the same value again', async () => {
    const headers = once();
    const [first, again] = [await create({ name: 'once' }, { headers }), await create({ name: 'once' }, { headers })];
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await create({ name: 'twice' }, { headers })).body.error).toBe('idempotency_mismatch');
    // Of another person it is another call.
    expect((await create({ name: 'once' }, { headers, person: owner })).body.api_key.id).not.toBe(
      first.body.api_key.id,
    );
  });

  it('that regenerates a key does so once, and gives the same value again', async () => {
    const { body: made } = await create();
    const headers = once();
    const regenerate = () => as(admin, 'POST', `${PATH}/${made.api_key.id}/regenerate`, { headers });
    const [first, again] = [await regenerate(), await regenerate()];
    expect(again.body).toMatchObject({ api_key: first.body.api_key, secret: first.body.secret });
    expect(await whoami(first.body.secret)).toBe(200);
    expect(await eventsOf(made.api_key.id, 'api_key.regenerated')).toHaveLength(1);
  });

  it.each([
    ['regenerated', 'POST', '/regenerate'],
    ['deleted', 'DELETE', ''],
  ])('gives no value of a key that was %s since', async (_what, method, suffix) => {
    const headers = once();
    const { body: made } = await create({}, { headers });
    await as(owner, method, `${PATH}/${made.api_key.id}${suffix}`);
    const again = await create({}, { headers });
    expect([again.status, again.text]).toEqual([409, expect.not.stringContaining(made.secret)]);
  });

  it('is authorised anew: neither who has to step up nor who may no longer gets the value again', async () => {
    const headers = once();
    const person = await addPerson(service, workspace, { access: 'admin' });
    const { body } = await create({}, { headers, person });
    const again = async (secret: string) => {
      const { status, text } = await create({}, { headers, person: { ...person, secret } });
      expect(text).not.toContain(body.secret);
      return [status, JSON.parse(text).error];
    };
    expect(await again(signFor(service, person, 601))).toEqual([401, 'insufficient_user_authentication']);
    const request = { id: 'test', method: 'TEST', route: 'test', ip: null, userAgent: null };
    const operator = { kind: 'system', workspaceId: workspace.id, environment: 'live' } as const;
    await changeMember(service.context, { principal: operator, request }, person.id, { access: 'auditor' });
    expect(await again(person.secret)).toEqual([403, 'forbidden']);
  });
});

describe('a member who is demoted while its call is at work', () => {
  it.each([
    ['create', PATH, { name: 'late', environment: 'live' }],
    ['regenerate', () => `${PATH}/${workspace.live.id}/regenerate`, {}],
  ])('gets no value of a key: %s', async (_name, path, json) => {
    const person = await addPerson(service, workspace, { access: 'admin' });
    const sql = service.context.db.$client;
    const answer = await sql.begin(async (tx) => {
      await tx`update members set access = 'member' where id = ${idToUuid(person.id)}`;
      const asked = as(person, 'POST', typeof path === 'string' ? path : path(), { json });
      await untilSomeoneWaits();
      return { asked };
    });
    expect(await answer.asked).toMatchObject({ status: 403, body: { error: 'forbidden' } });
    expect(await whoami(workspace.live.secret)).toBe(200);
  });
});

/** Until a transaction on this database waits for a lock. */
async function untilSomeoneWaits(): Promise<void> {
  for (let waiting = 0; waiting === 0; ) {
    const [row] = await service.context.db.$client<{ waiting: number }[]>`
      select count(*)::int as waiting from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    waiting = row?.waiting ?? 0;
    await setTimeout(5);
  }
}

describe('keys and tokens', () => {
  it('manage no API keys, themselves included, whoever owns them', async () => {
    const json = { name: 'mint', scopes: ['tokens:write'] };
    const { body: token } = await service.call('POST', '/v1/tokens', { secret: workspace.live.secret, json });
    for (const secret of [workspace.live.secret, workspace.test.secret, token.secret]) {
      const calls = [
        service.call('GET', PATH, { secret }),
        service.call('POST', PATH, { secret, json: { name: 'another', environment: 'live' } }),
        service.call('POST', `${PATH}/${workspace.live.id}/regenerate`, { secret }),
        service.call('DELETE', `${PATH}/${workspace.live.id}`, { secret }),
      ];
      for (const { status, body } of await Promise.all(calls)) expect([status, body.error]).toEqual([403, 'forbidden']);
    }
    expect(await whoami(workspace.live.secret)).toBe(200);
  });
});
