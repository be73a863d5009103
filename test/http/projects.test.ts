import { describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { addPerson, IN_TEST } from '../support/people.ts';
import { createTestService, type TestKey } from '../support/service.ts';
import { callsOf, testNamed } from './named.ts';

const service = await createTestService(await createTestDatabase());
testNamed(service, { path: '/v1/projects', word: 'project', fields: {}, needsStepUp: false });

const workspace = await service.addWorkspace('acme');
const call = callsOf(service, workspace);
let count = 0;
const addProject = async (): Promise<string> => {
  count += 1;
  return (await call('POST', '/v1/projects', { name: `Project ${count}` })).body.id;
};
const issue = ({ secret }: TestKey, project_id?: string) =>
  service.call('POST', '/v1/tokens', { secret, json: { name: 'a token', scopes: ['a:read'], project_id } });
const isActive = async ({ secret }: TestKey, token: string): Promise<boolean> =>
  (await service.call('POST', '/v1/tokens/introspect', { secret, json: { token } })).body.active;

describe('a project', () => {
  test('has a name that people read', async () => {
    for (const name of ['Mobile app', 'Été 2027', 'x'.repeat(128)]) {
      expect((await call('POST', '/v1/projects', { name: ` ${name} ` })).body.name).toBe(name);
    }
    for (const name of ['', '  ', 'x'.repeat(129), 'a\0b', null]) {
      expect((await call('POST', '/v1/projects', { name })).status).toBeGreaterThanOrEqual(400);
    }
  });

  test('of another workspace, or of none, gets no tokens', async () => {
    const foreign = await service.addWorkspace('with projects of its own');
    const theirs = await callsOf(service, foreign)('POST', '/v1/projects', { name: 'theirs' });
    for (const id of [theirs.body.id, newId('prj', service.context)]) {
      expect(await issue(workspace.live, id)).toMatchObject({
        status: 422,
        body: { details: [{ path: 'project_id' }] },
      });
    }
  });

  test('is not deleted while live tokens of either environment are in it; finished ones lose it', async () => {
    const project = await addProject();
    const live = await issue(workspace.live, project);
    const ofTest = await issue(workspace.test, project);
    const refused = await call('DELETE', `/v1/projects/${project}`);
    expect(refused.status).toBe(409);
    expect(refused.body.message).toMatch(/2 live tokens.*revoke-tokens/);
    await call('POST', `/v1/projects/${project}/revoke-tokens`);
    expect((await call('DELETE', `/v1/projects/${project}`)).body.message).toContain('1 live token,');
    await service.call('POST', `/v1/tokens/${ofTest.body.token.id}/revoke`, { secret: workspace.test.secret });
    expect((await call('DELETE', `/v1/projects/${project}`)).status).toBe(204);
    const { body } = await call('GET', `/v1/tokens/${live.body.token.id}`);
    expect(body).toMatchObject({ status: 'revoked', project_id: null });
  });

  test('that is deleted while tokens are issued into it leaves no live token without it', async () => {
    for (let round = 0; round < 10; round += 1) {
      const project = await addProject();
      const issuing = Array.from({ length: 4 }, () => issue(workspace.live, project));
      const [deletion, ...issued] = await Promise.all([call('DELETE', `/v1/projects/${project}`), ...issuing]);
      const made = issued.filter(({ status }) => status === 201);
      for (const { body } of made) {
        expect((await call('GET', `/v1/tokens/${body.token.id}`)).body.project_id).toBe(project);
      }
      expect(issued.filter(({ status }) => status === 422)).toHaveLength(4 - made.length);
      expect(deletion?.status).toBe(made.length > 0 ? 409 : 204);
    }
  });
});

describe('revoking the tokens of a project', () => {
  test('ends those of the caller’s environment, and no others', async () => {
    const [project, other] = [await addProject(), await addProject()];
    const inIt = await Promise.all([issue(workspace.live, project), issue(workspace.live, project)]);
    const [ofTest, inOther, inNone] = [
      await issue(workspace.test, project),
      await issue(workspace.live, other),
      await issue(workspace.live),
    ];
    const answer = await call('POST', `/v1/projects/${project}/revoke-tokens`, { reason: 'Ada has left' });
    expect(answer).toMatchObject({ status: 200, body: { revoked: 2, effective: { replicas: 1 } } });
    for (const { body } of inIt) {
      expect(await isActive(workspace.live, body.secret)).toBe(false);
      expect((await call('GET', `/v1/tokens/${body.token.id}`)).body).toMatchObject({
        status: 'revoked',
        revoked_by: workspace.live.id,
        revoke_reason: 'Ada has left',
        project_id: project,
      });
    }
    for (const { body } of [inOther, inNone]) expect(await isActive(workspace.live, body.secret)).toBe(true);
    expect(await isActive(workspace.test, ofTest.body.secret)).toBe(true);
    expect((await call('POST', `/v1/projects/${project}/revoke-tokens`)).body.revoked).toBe(0);

    const { body } = await call('GET', `/v1/audit-log?action=token.revoked&target=${project}`);
    const told = body.data.map(({ targets }: { targets: { id: string }[] }) => targets.map(({ id }) => id));
    expect(told.sort()).toEqual(inIt.map(({ body }) => [body.token.id, project]).sort());
  });

  test('by a test key ends those of the test environment', async () => {
    const project = await addProject();
    const [live, ofTest] = [await issue(workspace.live, project), await issue(workspace.test, project)];
    const { secret } = workspace.test;
    expect((await service.call('POST', `/v1/projects/${project}/revoke-tokens`, { secret })).body.revoked).toBe(1);
    expect(await isActive(workspace.live, live.body.secret)).toBe(true);
    expect(await isActive(workspace.test, ofTest.body.secret)).toBe(false);
  });

  test('takes a manager who has just proved who it is, and no token', async () => {
    const project = await addProject();
    await issue(workspace.test, project);
    const path = `/v1/projects/${project}/revoke-tokens`;
    const revoke = (secret: string, headers = {}) => service.call('POST', path, { secret, headers });
    const token = await service.call('POST', '/v1/tokens', {
      secret: workspace.live.secret,
      json: { name: 'manager', scopes: ['tokens:write', 'a:read'], project_id: project },
    });
    expect((await revoke(token.body.secret)).status).toBe(403);
    const early = await addPerson(service, workspace, { access: 'admin', authenticatedSecondsAgo: 3600 });
    expect(await revoke(early.secret)).toMatchObject({
      status: 401,
      body: { error: 'insufficient_user_authentication' },
    });
    for (const access of ['member', 'auditor'] as const) {
      expect((await revoke((await addPerson(service, workspace, { access })).secret)).status).toBe(403);
    }
    const admin = await addPerson(service, workspace, { access: 'admin' });
    expect((await revoke(admin.secret, IN_TEST)).body.revoked).toBe(1);
    expect(await isActive(workspace.live, token.body.secret)).toBe(true);
    expect((await revoke(admin.secret)).body.revoked).toBe(1);
  });

  test('does not reach the projects of another workspace', async () => {
    const project = await addProject();
    const { body } = await issue(workspace.live, project);
    const foreign = await service.addWorkspace('foreigner');
    const path = `/v1/projects/${project}/revoke-tokens`;
    expect((await service.call('POST', path, { secret: foreign.live.secret })).status).toBe(404);
    expect(await isActive(workspace.live, body.secret)).toBe(true);
  });
});
