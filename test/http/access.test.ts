import { beforeAll, describe, expect, it } from 'vitest';
import { OAUTH_OPERATIONS, OPERATIONS, type OperationAccess } from '../../src/http/access.ts';
import { RESERVED_SCOPES } from '../../src/identity/scopes.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestService, type TestWorkspace } from '../support/service.ts';

const database = await createTestDatabase();
const service = await createTestService(database);

const K6 = '{"error":"unauthorized","message":"Invalid or missing API key"}';
const NOBODY = 'tkn_01kav3c4r8e0jbwn7sgm5zkqd2';

const operations: [string, OperationAccess][] = Object.entries(OPERATIONS);

interface Walker {
  readonly name: string;
  readonly secret: string;
  readonly environment: 'live' | 'test';
  /** Undefined for an API key. */
  readonly scopes?: readonly string[];
}

let home: TestWorkspace;
let foreign: TestWorkspace;
const walkers: Walker[] = [];

async function issue(secret: string, scopes: readonly string[]) {
  const answer = await service.call('POST', '/v1/tokens', { secret, json: { name: 'walker', scopes } });
  expect(answer.status).toBe(201);
  return answer.body as { token: { id: string }; secret: string };
}

beforeAll(async () => {
  home = await service.addWorkspace('home');
  foreign = await service.addWorkspace('foreign');
  for (const environment of ['live', 'test'] as const) {
    walkers.push({ name: `${environment} key`, secret: home[environment].secret, environment });
    for (const scope of [...RESERVED_SCOPES, 'invoices:write']) {
      const { secret } = await issue(home[environment].secret, [scope]);
      walkers.push({ name: `${environment} token with ${scope}`, secret, environment, scopes: [scope] });
    }
  }
});

/** What the table says, told without the code under test. */
function expected(access: OperationAccess, walker: Walker): 'allowed' | 'insufficient_scope' | 'forbidden' {
  if (access.apiKey === 'never') return 'forbidden';
  const here = access.apiKey === 'any' || walker.environment === 'live' ? 'allowed' : 'forbidden';
  if (walker.scopes === undefined) return here;
  if (access.token === 'never') return 'forbidden';
  if (access.token === 'any' || walker.scopes.includes(access.token)) return here;
  return access.token === 'tokens:read' && walker.scopes.includes('tokens:write') ? 'allowed' : 'insufficient_scope';
}

const fill = (path: string) =>
  path
    .replace('{id}', path.includes('audit-log') ? NOBODY.replace('tkn', 'evt') : NOBODY)
    .replace('{name}', 'nothing:here')
    .replace('{workspace}', home.id)
    .replace('{level}', '0')
    .replace('{index}', 'x999/999');

describe('who may call what', () => {
  it.each(operations)('%s is answered as the table says, whoever asks', async (_name, access) => {
    for (const walker of walkers) {
      // Nonsense as body and query: a caller without the right learns only that.
      const path = `${fill(access.path)}${access.method === 'get' ? '?nonsense=true' : ''}`;
      const { status, body, headers } = await service.call(access.method.toUpperCase(), path, {
        secret: walker.secret,
        ...(access.method === 'post' || access.method === 'patch' ? { json: { nonsense: true } } : {}),
      });
      const verdict = expected(access, walker);
      if (verdict === 'allowed') {
        expect(status, `${walker.name}: ${JSON.stringify(body)}`).not.toBe(401);
        expect(status, `${walker.name}: ${JSON.stringify(body)}`).not.toBe(403);
        expect(status, walker.name).toBeLessThan(500);
      } else {
        expect(status, walker.name).toBe(403);
        expect(body.error, walker.name).toBe(verdict);
        if (verdict === 'insufficient_scope') {
          expect(body.message).toContain(String(access.token));
          expect(headers.get('www-authenticate')).toContain(`scope="${access.token}"`);
        }
      }
    }
  });

  it.each(operations)('%s tells callers without a good credential the same bytes', async (_name, access) => {
    const method = access.method.toUpperCase();
    const bad = [
      {},
      { secret: 'nonsense' },
      { secret: home.live.secret.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a')) },
      { headers: { authorization: `Bearer  ${home.live.secret}` } },
      { headers: { authorization: `Basic ${btoa('a:b')}` } },
      { headers: { 'x-api-key': 'nonsense' } },
    ];
    for (const options of bad) {
      const answer = await service.call(method, fill(access.path), options);
      expect([answer.status, answer.text]).toEqual([401, K6]);
      expect(answer.headers.get('www-authenticate')).toBe(
        Object.keys(options).length === 0 ? 'Bearer realm="tooken"' : 'Bearer realm="tooken", error="invalid_token"',
      );
    }
  });

  it('X-API-Key takes API keys and no tokens, and not together with Authorization', async () => {
    const token = await issue(home.live.secret, ['tokens:read']);
    const whoami = (headers: Record<string, string>) => service.call('GET', '/v1/whoami', { headers });
    expect((await whoami({ 'x-api-key': home.live.secret })).status).toBe(200);
    expect((await whoami({ 'x-api-key': token.secret })).text).toBe(K6);
    const both = await whoami({ 'x-api-key': home.live.secret, authorization: `Bearer ${home.live.secret}` });
    expect([both.status, both.body.error]).toEqual([400, 'invalid_request']);
  });

  it('serves no operation of the management API that the table does not have', async () => {
    const { body: paths } = { body: Object.values<OperationAccess>({ ...OPERATIONS, ...OAUTH_OPERATIONS }) };
    const listed = new Set(paths.map(({ method, path }) => `${method.toUpperCase()} ${path}`));
    const yaml = await service.call('GET', '/openapi.yaml');
    const { parse } = await import('yaml');
    const served = Object.entries<Record<string, unknown>>(parse(yaml.text).paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const management = served.filter((operation) => / \/(v1|logs)\//.test(operation));
    expect(management.sort()).toEqual([...listed].sort());
  });
});

describe('what is open to anybody where a workspace wants that', () => {
  const naming = operations.filter(([, access]) => access.path.includes('{workspace}'));
  const read = (access: OperationAccess, options: { secret?: string }) =>
    service.call(access.method.toUpperCase(), fill(access.path), options);

  it.each(naming)('%s knows the workspace by nobody but its own callers, until it is open', async (_name, access) => {
    const publish = (isPublic: boolean) =>
      service.call('PATCH', '/v1/settings', { secret: home.live.secret, json: { audit_tree_public: isPublic } });
    const strangers = [{}, { secret: foreign.live.secret }];
    const statuses = () => Promise.all(strangers.map(async (options) => (await read(access, options)).status));
    const own = (await read(access, { secret: home.live.secret })).status;
    expect(await statuses()).toEqual([401, 404]);
    await publish(true);
    expect(await statuses()).toEqual(access.open === 'if_tree_public' ? [own, own] : [401, 404]);
    expect((await read(access, { secret: 'nonsense' })).text).toBe(K6);
    await publish(false);
    expect(await statuses()).toEqual([401, 404]);
  });
});

describe('what belongs to others', () => {
  const onToken = operations.filter(([, access]) => access.path.startsWith('/v1/tokens/{id}'));
  const bodies: Record<string, unknown> = { patch: { name: 'taken over' }, post: {} };

  it.each(onToken)(
    '%s answers 404 for a token of another workspace or environment, and leaves it as it was',
    async (_name, access) => {
      const target = await issue(home.live.secret, ['invoices:read']);
      const read = () => service.call('GET', `/v1/tokens/${target.token.id}`, { secret: home.live.secret });
      const before = (await read()).text;
      for (const secret of [foreign.live.secret, foreign.test.secret, home.test.secret]) {
        const json = bodies[access.method];
        const answer = await service.call(access.method.toUpperCase(), access.path.replace('{id}', target.token.id), {
          secret,
          ...(json !== undefined && { json }),
        });
        expect([answer.status, answer.body.error]).toEqual([404, 'not_found']);
      }
      expect((await read()).text).toBe(before);
    },
  );

  it('lists hold nothing of another workspace or environment', async () => {
    const target = await issue(home.live.secret, ['invoices:read']);
    for (const secret of [foreign.live.secret, foreign.test.secret, home.test.secret]) {
      for (const path of [
        '/v1/tokens?limit=200',
        '/v1/audit-log?limit=200',
        `/v1/audit-log?target=${target.token.id}`,
      ]) {
        const answer = await service.call('GET', path, { secret });
        expect(answer.status).toBe(200);
        expect(answer.text).not.toContain(target.token.id);
      }
    }
  });

  it('an audit event of another workspace or environment is not found', async () => {
    const { body } = await service.call('GET', '/v1/audit-log?action=token.created&limit=1', {
      secret: home.live.secret,
    });
    const id = body.data[0].id;
    for (const path of [`/v1/audit-log/${id}`, `/v1/audit-log/${id}/proof`]) {
      expect((await service.call('GET', path, { secret: home.live.secret })).status).toBe(200);
      for (const secret of [foreign.live.secret, home.test.secret]) {
        expect((await service.call('GET', path, { secret })).status).toBe(404);
      }
    }
  });

  it('a cursor of one workspace opens nothing in another', async () => {
    await issue(home.live.secret, ['invoices:read']);
    for (const list of ['/v1/tokens', '/v1/audit-log']) {
      const { body } = await service.call('GET', `${list}?limit=1`, { secret: home.live.secret });
      const stolen = `${list}?limit=1&cursor=${encodeURIComponent(body.next_cursor)}`;
      expect((await service.call('GET', stolen, { secret: home.live.secret })).status).toBe(200);
      expect((await service.call('GET', stolen, { secret: foreign.live.secret })).status).toBe(400);
    }
  });
});
