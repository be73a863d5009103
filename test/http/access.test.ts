import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { OperationAccess } from '../../src/rights/operation.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestService, type TestWorkspace } from '../support/service.ts';
import { fillPath } from './access-objects.ts';
import { ALL_OPERATIONS, expectedOf, MANAGEMENT_OPERATIONS, type Verdict } from './access-table.ts';
import { addCredentials, addPeople, addToken, type Walker } from './access-walkers.ts';

const database = await createTestDatabase();
const service = await createTestService(database, { TOOKEN_RATE_REQUESTS: 'off' });

const K6 = '{"error":"unauthorized","message":"Invalid or missing API key"}';
const STATUSES = { forbidden: 403, insufficient_scope: 403, insufficient_user_authentication: 401 };

let home: TestWorkspace;
let foreign: TestWorkspace;
let credentials: Walker[];
let people: Walker[];

beforeAll(async () => {
  home = await service.addWorkspace('home');
  foreign = await service.addWorkspace('foreign');
  credentials = await addCredentials(service, home);
  people = await addPeople(service, home);
}, 60_000);

/** Nonsense as body and query: a caller without the right learns only that. */
function ask(access: OperationAccess, options: { secret?: string; headers?: Record<string, string> }, at = home) {
  const path = fillPath(access, at.id);
  const json = access.method === 'post' || access.method === 'patch' ? { json: { nonsense: true } } : {};
  return service.call(access.method.toUpperCase(), access.method === 'get' ? `${path}?nonsense=true` : path, {
    ...options,
    ...json,
  });
}

type Answer = Awaited<ReturnType<typeof ask>>;

function expectVerdict(
  verdict: Verdict,
  access: OperationAccess,
  { status, body, text, headers }: Answer,
  who: string,
) {
  const told = `${who}: ${status} ${text}`;
  if (verdict === 'allowed') {
    expect([401, 403], told).not.toContain(status);
    expect(status, told).toBeLessThan(500);
    return;
  }
  expect([status, body?.error], told).toEqual([STATUSES[verdict], verdict]);
  const challenge = headers.get('www-authenticate');
  if (verdict === 'insufficient_scope') {
    expect(text).toContain(access.token);
    expect(challenge).toContain(`scope="${access.token}"`);
  }
  if (verdict === 'insufficient_user_authentication') expect(challenge).toContain('max_age="600"');
}

// Revocation by value answers everybody alike (RFC 7009 §2.2): what a caller may shows in what becomes of the token.
const judged = ALL_OPERATIONS.filter(([name, { open }]) => open !== 'always' && name !== 'revokeByValue');
const managed = MANAGEMENT_OPERATIONS.filter(([, { open }]) => open !== 'always');
const open = MANAGEMENT_OPERATIONS.filter(([, access]) => access.open === 'always');

/** Whether a caller may revoke a token of the workspace, of its own environment and no wider than itself. */
function mayEndOthers({ kind, scope, access }: Walker): boolean {
  if (kind === 'token') return scope === 'tokens:write' && access === undefined;
  return kind === 'api_key' || access === 'owner' || access === 'admin';
}

describe('who may call what', () => {
  it.each(judged)(
    '%s is answered as the table says, whoever asks',
    async (_name, access) => {
      // Some operations end the very session that calls them: those are called by people of their own.
      const own = access.path.startsWith('/v1/auth/') ? await addPeople(service, home) : people;
      for (const walker of [...credentials, ...own]) {
        expectVerdict(expectedOf(access, walker), access, await ask(access, walker), walker.name);
      }
    },
    60_000,
  );

  it('revokeByValue is answered alike, whoever asks, and ends what the caller may end', async () => {
    for (const walker of [...credentials, ...people]) {
      const { id, secret: token } = await addToken(service, home[walker.environment].secret, {
        scopes: [walker.scope?.replace('write', 'read') ?? 'invoices:read'],
      });
      const { secret, headers = {} } = walker;
      const answer = await service.call('POST', '/v1/tokens/revoke', { secret, headers, json: { token } });
      expect([answer.status, answer.text], walker.name).toEqual([200, '']);
      const { body } = await service.call('GET', `/v1/tokens/${id}`, { secret: home[walker.environment].secret });
      expect([walker.name, body.status]).toEqual([walker.name, mayEndOthers(walker) ? 'revoked' : 'active']);
    }
  }, 60_000);

  it.each(open)('%s is open to anybody, whatever credential they show', async (_name, access) => {
    const nobody = await ask(access, {});
    expect([403, 404, 405]).not.toContain(nobody.status);
    expect(nobody.status, nobody.text).toBeLessThan(500);
    for (const secret of ['nonsense', home.live.secret, foreign.live.secret, people[0]?.secret ?? '']) {
      const answer = await ask(access, { secret });
      expect([answer.status, answer.text]).toEqual([nobody.status, nobody.text]);
    }
  });

  it.each(managed)('%s tells callers without a good credential the same bytes', async (_name, access) => {
    const changed = (secret = '') => secret.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'));
    const bad = [
      {},
      { secret: 'nonsense' },
      { secret: changed(home.live.secret) },
      { secret: people[0]?.secret.replace(/\.[^.]*$/, '.') ?? '' },
      { headers: { authorization: `Bearer  ${home.live.secret}` } },
      { headers: { authorization: `Basic ${btoa('a:b')}` } },
      { headers: { 'x-api-key': 'nonsense' } },
      { headers: { 'x-api-key': people[0]?.secret ?? '' } },
    ];
    for (const options of bad) {
      const answer = await ask(access, options);
      expect([answer.status, answer.text]).toEqual([401, K6]);
      expect(answer.headers.get('www-authenticate')).toBe(
        Object.keys(options).length === 0 ? 'Bearer realm="tooken"' : 'Bearer realm="tooken", error="invalid_token"',
      );
    }
  });

  const naming = managed.filter(([, { path }]) => path.includes('{workspace}'));
  it.each(naming)('%s knows no workspace but that of its caller, whoever that is', async (_name, access) => {
    for (const walker of [...credentials, ...people]) {
      const { status, body } = await ask(access, walker, foreign);
      expect([status, body.error], walker.name).toEqual([404, 'not_found']);
    }
  });

  it('X-API-Key takes API keys and no tokens, and not together with Authorization', async () => {
    const token = credentials.find(({ kind }) => kind === 'token')?.secret ?? '';
    const whoami = (headers: Record<string, string>) => service.call('GET', '/v1/whoami', { headers });
    expect((await whoami({ 'x-api-key': home.live.secret })).status).toBe(200);
    expect((await whoami({ 'x-api-key': token })).text).toBe(K6);
    const both = await whoami({ 'x-api-key': home.live.secret, authorization: `Bearer ${home.live.secret}` });
    expect([both.status, both.body.error]).toEqual([400, 'invalid_request']);
  });

  it('Tooken-Environment says which environment a member means, and never that of an API key or a token', async () => {
    const said = async (secret: string, environment: string) => {
      const { status, body } = await service.call('GET', '/v1/whoami', {
        secret,
        headers: { 'tooken-environment': environment },
      });
      return status === 200 ? body.environment : body.error;
    };
    const member = people.find(({ access }) => access === 'member')?.secret ?? '';
    const told = await Promise.all(['live', 'test', 'prod', ''].map((environment) => said(member, environment)));
    expect(told).toEqual(['live', 'test', 'invalid_request', 'invalid_request']);
    for (const { secret, environment } of credentials) {
      expect(await said(secret, environment)).toBe(environment);
      expect(await said(secret, environment === 'live' ? 'test' : 'live')).toBe('invalid_request');
    }
  }, 60_000);

  it('serves no operation of the management API that the table does not have', async () => {
    const listed = ALL_OPERATIONS.map(([, { method, path }]) => `${method.toUpperCase()} ${path}`);
    const yaml = await service.call('GET', '/openapi.yaml');
    const served = Object.entries<Record<string, unknown>>(parse(yaml.text).paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const isManagement = (operation: string) => / \/(v1|logs)\//.test(operation);
    expect(served.filter(isManagement).sort()).toEqual(listed.filter(isManagement).sort());
  });
});

describe('what is open to anybody where a workspace wants that', () => {
  const naming = MANAGEMENT_OPERATIONS.filter(([, access]) => access.path.includes('{workspace}'));
  const read = (access: OperationAccess, options: { secret?: string }) =>
    service.call(access.method.toUpperCase(), fillPath(access, home.id), options);

  it.each(naming)('%s knows the workspace by nobody but its own callers, until it is open', async (_name, access) => {
    const publish = (isPublic: boolean) =>
      service.call('PATCH', '/v1/settings', { secret: home.live.secret, json: { audit_tree_public: isPublic } });
    const member = people.find(({ access: level }) => level === 'member')?.secret ?? '';
    const strangers = [{}, { secret: foreign.live.secret }, { secret: member }];
    const statuses = () => Promise.all(strangers.map(async (options) => (await read(access, options)).status));
    const own = (await read(access, { secret: home.live.secret })).status;
    expect(await statuses()).toEqual([401, 404, 403]);
    await publish(true);
    expect(await statuses()).toEqual(access.open === 'if_tree_public' ? [own, own, own] : [401, 404, 403]);
    expect((await read(access, { secret: 'nonsense' })).text).toBe(K6);
    await publish(false);
    expect(await statuses()).toEqual([401, 404, 403]);
  });
});
