import { beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_ACTIONS } from '../../src/audit/events/catalogue.ts';
import type { OperationAccess } from '../../src/rights/operation.ts';
import { OAUTH_OPERATIONS, OPERATIONS } from '../../src/rights/rights.ts';
import type { TestAnswer } from '../support/answer.ts';
import { createTestDatabase } from '../support/database.ts';
import { addPerson } from '../support/people.ts';
import { createTestService, type TestWorkspace } from '../support/service.ts';

const database = await createTestDatabase();
const service = await createTestService(database);
let workspace: TestWorkspace;

beforeAll(async () => {
  workspace = await service.addWorkspace('events');
});

const call = (method: string, path: string, json?: unknown) =>
  service.call(method, path, { secret: workspace.live.secret, ...(json !== undefined && { json }) });

async function issue(): Promise<{ id: string; secret: string }> {
  const { body } = await call('POST', '/v1/tokens', { name: 'token', scopes: ['invoices:read'] });
  return { id: body.token.id, secret: body.secret };
}

async function addScope(): Promise<string> {
  const name = `events-${scopes}:read`;
  scopes += 1;
  await call('POST', '/v1/scopes', { name });
  return name;
}
let scopes = 0;

let named = 0;

/** Adds a role, group or project, and gives its id. */
async function add(path: string, fields: object = {}): Promise<{ answer: TestAnswer; target: string }> {
  const answer = await call('POST', path, { name: `events-${named}`, ...fields });
  named += 1;
  return { answer, target: answer.body.id };
}

async function change(method: string, path: string, fields: object = {}) {
  const { target } = await add(path, fields);
  const answer = await call(method, `${path}/${target}`, method === 'PATCH' ? { description: 'described' } : undefined);
  return { answer, target };
}

const ROLE = { scopes: ['invoices:read'] };

/** For each operation that leaves an event: one successful call, and the id of what it was done to. */
const mutations: Record<string, () => Promise<{ answer: TestAnswer; target: string }>> = {
  issueToken: async () => {
    const answer = await call('POST', '/v1/tokens', { name: 'token', scopes: ['invoices:read'] });
    return { answer, target: answer.body.token.id };
  },
  updateToken: async () => {
    const { id } = await issue();
    return { answer: await call('PATCH', `/v1/tokens/${id}`, { name: 'renamed' }), target: id };
  },
  deleteToken: async () => {
    const { id } = await issue();
    await call('POST', `/v1/tokens/${id}/revoke`, {});
    return { answer: await call('DELETE', `/v1/tokens/${id}`), target: id };
  },
  rotateToken: async () => {
    const { id } = await issue();
    return { answer: await call('POST', `/v1/tokens/${id}/rotate`, { grace_seconds: 60 }), target: id };
  },
  finishRotation: async () => {
    const { id } = await issue();
    await call('POST', `/v1/tokens/${id}/rotate`, { grace_seconds: 60 });
    return { answer: await call('POST', `/v1/tokens/${id}/rotate/finish`, {}), target: id };
  },
  revokeToken: async () => {
    const { id } = await issue();
    return { answer: await call('POST', `/v1/tokens/${id}/revoke`, { reason: 'test' }), target: id };
  },
  reassignToken: async () => {
    const { id } = await issue();
    const { id: owner } = await addPerson(service, workspace, { access: 'member', ...ROLE });
    return { answer: await call('POST', `/v1/tokens/${id}/reassign`, { owner }), target: id };
  },
  createRole: () => add('/v1/roles', ROLE),
  updateRole: () => change('PATCH', '/v1/roles', ROLE),
  deleteRole: () => change('DELETE', '/v1/roles', ROLE),
  createGroup: () => add('/v1/groups'),
  updateGroup: () => change('PATCH', '/v1/groups'),
  deleteGroup: () => change('DELETE', '/v1/groups'),
  createProject: () => add('/v1/projects'),
  updateProject: () => change('PATCH', '/v1/projects'),
  deleteProject: () => change('DELETE', '/v1/projects'),
  revokeTokensOfProject: async () => {
    const { target: project } = await add('/v1/projects');
    const token = { name: 'of the project', scopes: ['invoices:read'], project_id: project };
    const { body } = await call('POST', '/v1/tokens', token);
    return { answer: await call('POST', `/v1/projects/${project}/revoke-tokens`, {}), target: body.token.id };
  },
  createScope: async () => {
    const answer = await call('POST', '/v1/scopes', { name: 'created:read' });
    return { answer, target: 'created:read' };
  },
  updateScope: async () => {
    const name = await addScope();
    return { answer: await call('PATCH', `/v1/scopes/${name}`, { description: 'described' }), target: name };
  },
  deleteScope: async () => {
    const name = await addScope();
    return { answer: await call('DELETE', `/v1/scopes/${name}`), target: name };
  },
  updateSettings: async () => ({
    answer: await call('PATCH', '/v1/settings', { token_prefix: 'acme' }),
    target: workspace.id,
  }),
  exportAuditLog: async () => ({
    answer: await call('GET', '/v1/audit-log/export?format=csv'),
    target: workspace.id,
  }),
  revokeByValue: async () => {
    const { id, secret } = await issue();
    const answer = await service.call('POST', '/v1/tokens/revoke', {
      secret: workspace.live.secret,
      body: `token=${secret}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    return { answer, target: id };
  },
};

/** They are POST requests, so that no token stands in a URL, and change nothing. */
const QUESTIONS = ['introspect', 'introspectBatch'];

/** Those that only people may call have tests of their own. */
const mutating = Object.entries<OperationAccess>({ ...OPERATIONS, ...OAUTH_OPERATIONS }).filter(
  ([, { method, event, apiKey }]) => (event !== undefined || method !== 'get') && apiKey !== 'never',
);

describe('every change leaves its event', () => {
  it.each(mutating.filter(([name]) => !QUESTIONS.includes(name)))('%s', async (name, { event }) => {
    const mutate = mutations[name];
    if (mutate === undefined || event === undefined)
      throw new Error(`${name} needs an event in the table, and a call here`);
    const { answer, target } = await mutate();
    expect(answer.status, answer.text).toBeLessThan(300);
    const { body } = await call('GET', `/v1/audit-log?target=${target}&action=${event}`);
    expect(body.data).toHaveLength(1);
    expect(body.data[0]).toMatchObject({
      action: event,
      operation: AUDIT_ACTIONS[event].operation,
      outcome: 'success',
      workspace: workspace.id,
      actor: { type: 'api_key', id: workspace.live.id, name: 'live' },
      source: { ip: '127.0.0.1' },
      request: { id: answer.headers.get('x-request-id') },
    });
    expect(body.data[0].targets.map(({ id }: { id: string }) => id)).toContain(target);
  });

  it('and no event holds a secret', async () => {
    const secrets: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const { id, secret } = await issue();
      const rotated = await call('POST', `/v1/tokens/${id}/rotate`, {});
      secrets.push(secret, rotated.body.secret);
      await service.call('GET', '/v1/whoami', { secret, headers: { 'user-agent': 'agent' } });
    }
    const tables = ['audit_events', 'audit_private', 'audit_leaves', 'idempotent_answers', 'tokens', 'token_secrets'];
    for (const table of tables) {
      const rows = await service.context.db.$client.unsafe(`select t::text as row from ${table} t`);
      const dump = rows.map(({ row }) => row).join('\n');
      for (const secret of secrets) {
        expect(dump).not.toContain(secret.slice(-20));
        expect(dump).not.toContain(Buffer.from(secret.slice(-20)).toString('hex'));
      }
    }
  });
});

describe('what is refused leaves its event too', () => {
  it('a call without the right: request.denied, with the caller as actor and what it lacked', async () => {
    const { body } = await call('POST', '/v1/tokens', { name: 'reader', scopes: ['tokens:read'] });
    await service.call('POST', '/v1/tokens', { secret: body.secret, json: { name: 'x', scopes: ['a:read'] } });
    const log = await call('GET', `/v1/audit-log?actor=${body.token.id}&outcome=denied`);
    expect(log.body.data).toEqual([
      expect.objectContaining({
        action: 'request.denied',
        reason: 'insufficient_scope:tokens:write',
        actor: { type: 'token', id: body.token.id, name: 'reader' },
      }),
    ]);
  });

  it('a revoked token: authentication.failed, in its own workspace', async () => {
    const { id, secret } = await issue();
    await call('POST', `/v1/tokens/${id}/revoke`, {});
    expect((await service.call('GET', '/v1/whoami', { secret })).status).toBe(401);
    const log = await call('GET', `/v1/audit-log?actor=${id}&action=authentication.failed`);
    expect(log.body.data).toEqual([expect.objectContaining({ outcome: 'failure', reason: 'revoked' })]);
  });

  it('a thousand repeats add one event with their count, not a thousand', async () => {
    const { id, secret } = await issue();
    await call('POST', `/v1/tokens/${id}/revoke`, {});
    for (let n = 0; n < 1_000; n += 1) await service.call('GET', '/v1/whoami', { secret });
    const log = await call('GET', `/v1/audit-log?actor=${id}&action=authentication.failed`);
    expect(log.body.data).toHaveLength(1);
  });
});
