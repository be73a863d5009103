import { describe, expect, test } from 'vitest';
import { tokenBody } from '../../src/http/token-body.ts';
import { idToUuid, newId, type RoleId } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { addPerson, giveRole, IN_TEST } from '../support/people.ts';
import { createTestService } from '../support/service.ts';

const service = await createTestService(await createTestDatabase(), { TOOKEN_RATE_REQUESTS: 'off' });
const acme = await service.addWorkspace('acme');
const [admin, ada, bob, auditor] = [
  await addPerson(service, acme, { access: 'admin' }),
  await addPerson(service, acme, { access: 'member', scopes: ['tokens:write', 'a:write'] }),
  await addPerson(service, acme, { access: 'member', scopes: ['a:read'] }),
  await addPerson(service, acme, { access: 'auditor' }),
];
const role: RoleId = await giveRole(service, ada, ['b:read']);
const project = newId('prj', service.context);
await service.context.db.$client`
  insert into projects (id, workspace_id, name, created_at, created_by, updated_at)
  values (${idToUuid(project)}, ${idToUuid(acme.id)}, 'billing', now(), 'system', now())`;

const call = (secret: string, method: string, path: string, json?: unknown, headers: Record<string, string> = {}) =>
  service.call(method, path, { secret, ...(json !== undefined && { json }), headers });
const issue = (secret: string, json: object, headers?: Record<string, string>) =>
  call(secret, 'POST', '/v1/tokens', { name: 'a token', scopes: ['a:read'], ...json }, headers);

describe('a token over HTTP', () => {
  test('shows its role, owner and project, and what all of them let it do', async () => {
    const { status, body } = await issue(acme.live.secret, { role, owner: ada.id, project_id: project });
    expect(status).toBe(201);
    tokenBody.strict().parse(body.token);
    expect(body.token).toMatchObject({
      scopes: ['a:read'],
      role: { id: role },
      effective_scopes: ['a:read', 'b:read'],
      owner: { id: ada.id, name: ada.name, removed: false },
      project_id: project,
    });
    for (const filter of [`role=${role}`, `owner=${ada.id}`, `project_id=${project}`]) {
      const { body: page } = await call(acme.live.secret, 'GET', `/v1/tokens?${filter}`);
      expect(page.data).toEqual([body.token]);
    }
  });

  test('needs no scopes with a role, and some without', async () => {
    expect((await issue(acme.live.secret, { scopes: undefined, role })).body.token.scopes).toEqual([]);
    expect(await issue(acme.live.secret, { scopes: undefined })).toMatchObject({
      status: 422,
      body: { details: [{ path: 'scopes' }] },
    });
  });

  test.each([
    ['role', 'role_x'],
    ['owner', 'ada@example.com'],
    ['project_id', 7],
    ['role', newId('role', service.context)],
    ['owner', newId('usr', service.context)],
    ['project_id', newId('prj', service.context)],
  ])('is not issued with the %s %s', async (field, value) => {
    expect(await issue(acme.live.secret, { [field]: value })).toMatchObject({
      status: 422,
      body: { error: 'validation_failed', details: [{ path: field }] },
    });
  });

  test('of a member is that member’s to see and manage, and nobody else’s but the managers’', async () => {
    const { body } = await issue(ada.secret, {});
    expect(body.token).toMatchObject({ owner: { id: ada.id }, created_by: ada.id });
    const path = `/v1/tokens/${body.token.id}`;
    const statusOf = async (secret: string, method: string, suffix = '', json?: unknown) =>
      (await call(secret, method, path + suffix, json)).status;
    for (const [person, read, change] of [
      [bob, 404, 404],
      [auditor, 200, 403],
      [admin, 200, 200],
      [ada, 200, 200],
    ] as const) {
      expect(await statusOf(person.secret, 'GET')).toBe(read);
      expect(await statusOf(person.secret, 'PATCH', '', { name: 'renamed' })).toBe(change);
      expect(await statusOf(person.secret, 'POST', '/rotate', {})).toBe(change);
    }
    const { body: mine } = await call(bob.secret, 'GET', '/v1/tokens');
    expect(mine.data).toEqual([]);
    expect((await call(admin.secret, 'GET', `/v1/tokens?created_by=${ada.id}`)).body.data).toHaveLength(1);
    expect((await call(ada.secret, 'GET', '/v1/tokens', undefined, IN_TEST)).body.data).toEqual([]);
  });

  test('of a member that is issued beyond its roles names the scope that lacks', async () => {
    const answer = await issue(bob.secret, { scopes: ['a:write'] });
    expect(answer).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
    expect(answer.headers.get('www-authenticate')).toContain('scope="a:write"');
    expect(await issue(admin.secret, { scopes: ['a:read', 'a:write'], owner: bob.id })).toMatchObject({
      status: 422,
      body: { details: [{ path: 'scopes[1]' }] },
    });
  });

  test('is reassigned by managers, with effect on what its former owner gets to see', async () => {
    const key = { 'idempotency-key': `reassign-${'x'.repeat(16)}` };
    const { body } = await issue(ada.secret, {}, key);
    const path = `/v1/tokens/${body.token.id}`;
    expect((await issue(ada.secret, {}, key)).body.secret).toBe(body.secret);
    const refused = await call(ada.secret, 'POST', `${path}/reassign`, { owner: bob.id });
    expect(refused.status).toBe(403);
    const answer = await call(admin.secret, 'POST', `${path}/reassign`, { owner: bob.id, reason: 'Ada is away' });
    expect(answer).toMatchObject({ status: 200, body: { owner: { id: bob.id }, effective: { replicas: 1 } } });
    expect(answer.headers.get('etag')).toBe('"2"');
    // The answer to the first request holds the secret of what is another's by now.
    expect((await issue(ada.secret, {}, key)).status).toBe(404);
    const { body: introspected } = await call(acme.live.secret, 'POST', '/v1/tokens/introspect', {
      token: body.secret,
    });
    expect(introspected).toMatchObject({ active: true, scope: 'a:read' });
    const events = await call(admin.secret, 'GET', '/v1/audit-log?action=token.reassigned');
    expect(events.body.data).toMatchObject([
      { note: 'Ada is away', changes: [{ field: 'owner', old: ada.id, new: bob.id }] },
    ]);
  });

  test('that calls Tooken acts as its owner, and sees what that sees', async () => {
    const { body } = await issue(ada.secret, { scopes: ['tokens:write', 'a:read'] });
    const child = await issue(body.secret, { scopes: ['a:read'] });
    expect(child.body.token).toMatchObject({ owner: { id: ada.id }, created_by: body.token.id });
    const { body: page } = await call(body.secret, 'GET', '/v1/tokens?limit=200');
    expect(page.data.length).toBeGreaterThan(0);
    for (const token of page.data) expect(token.owner.id).toBe(ada.id);
    expect((await issue(body.secret, { role })).status).toBe(403);
    expect((await call(body.secret, 'GET', '/v1/usage')).status).toBe(200);
  });
});
