import { describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { addPerson, giveRole } from '../support/people.ts';
import { createTestService } from '../support/service.ts';
import { callsOf, testNamed } from './named.ts';

const service = await createTestService(await createTestDatabase());
testNamed(service, { path: '/v1/roles', word: 'role', fields: { scopes: ['a:write'] }, needsStepUp: true });

const workspace = await service.addWorkspace('acme');
const call = callsOf(service, workspace);
let count = 0;
const addRole = async (...scopes: string[]): Promise<string> => {
  count += 1;
  return (await call('POST', '/v1/roles', { name: `role-${count}`, scopes })).body.id;
};
const issue = (json: object) => call('POST', '/v1/tokens', { name: 'a token', ...json });

describe('a role', () => {
  test('has a name that machines read', async () => {
    const names = ['', ' a', 'A', 'ä', '-a', '.a', 'a b', 'a:b', 'a\n', 'a'.repeat(65), 7, null];
    for (const name of names) {
      expect((await call('POST', '/v1/roles', { name, scopes: ['a:read'] })).status).toBe(422);
    }
    for (const name of ['a', '0', 'a.b-c_d', 'a'.repeat(64)]) {
      expect((await call('POST', '/v1/roles', { name, scopes: ['a:read'] })).status).toBe(201);
    }
  });

  test('has 1 to 100 scopes, sorted, each once, and tells what they imply', async () => {
    const scopes = ['b:write', 'a:read', 'tokens:read', 'b:write'];
    expect((await call('POST', '/v1/roles', { name: 'sorted', scopes })).body).toMatchObject({
      scopes: ['a:read', 'b:write', 'tokens:read'],
      effective_scopes: ['a:read', 'b:read', 'b:write', 'tokens:read'],
    });
    const many = Array.from({ length: 101 }, (_, n) => `many:n${n}`);
    for (const wrong of [[], many, ['a'], ['A:b'], 'a:read', null]) {
      expect((await call('POST', '/v1/roles', { name: 'wrong', scopes: wrong })).status).toBe(422);
    }
    const id = await addRole('a:read');
    expect((await call('PATCH', `/v1/roles/${id}`, { scopes: [] })).status).toBe(422);
    expect((await call('PATCH', `/v1/roles/${id}`, { scopes: many.slice(1) })).status).toBe(200);
  });

  test('tells the audit log which scopes it got and lost', async () => {
    const id = await addRole('a:read');
    await call('PATCH', `/v1/roles/${id}`, { scopes: ['b:read', 'a:read', 'a:read'] });
    const { body } = await call('GET', '/v1/audit-log?action=role.updated&limit=1');
    expect(body.data[0]).toMatchObject({
      targets: [{ id }],
      changes: [{ field: 'scopes', old: ['a:read'], new: ['a:read', 'b:read'] }],
    });
  });

  test('gets scopes that are known where the catalogue is enforced, and keeps those it has', async () => {
    const strict = await service.addWorkspace('strict');
    const callStrict = callsOf(service, strict);
    await callStrict('POST', '/v1/scopes', { name: 'invoices:write' });
    const { id } = (await callStrict('POST', '/v1/roles', { name: 'early', scopes: ['old:read'] })).body;
    await callStrict('PATCH', '/v1/settings', { scope_catalogue_enforced: true });
    const unknown = await callStrict('POST', '/v1/roles', { name: 'late', scopes: ['invoices:raed'] });
    expect(unknown).toMatchObject({ status: 422, body: { error: 'unknown_scope' } });
    expect(unknown.body.details[0].message).toContain('invoices:read');
    const scopes = ['old:read', 'invoices:read', 'tokens:read'];
    expect((await callStrict('PATCH', `/v1/roles/${id}`, { scopes })).status).toBe(200);
    const wrong = await callStrict('PATCH', `/v1/roles/${id}`, { scopes: [...scopes, 'new:read'] });
    expect(wrong.body.details).toEqual([{ path: 'scopes', message: expect.stringContaining('new:read') }]);
  });

  test('changes what its tokens can do, and says where that is effective, also when repeated', async () => {
    const role = await addRole('a:read');
    const { secret } = (await issue({ role })).body;
    const introspect = async () => (await call('POST', '/v1/tokens/introspect', { token: secret })).body;
    expect(await introspect()).toMatchObject({ active: true, scope: 'a:read' });
    for (let n = 0; n < 2; n += 1) {
      const changed = await call('PATCH', `/v1/roles/${role}`, { scopes: ['b:write'] });
      expect(changed.body.effective).toMatchObject({ replicas: 1 });
      expect((await introspect()).scope).toBe('b:read b:write');
    }
  });

  test('of another workspace, or of none, is given to no token', async () => {
    const foreign = await service.addWorkspace('with roles of its own');
    const { body } = await callsOf(service, foreign)('POST', '/v1/roles', { name: 'theirs', scopes: ['a:read'] });
    for (const role of [body.id, newId('role', service.context)]) {
      expect(await issue({ role, scopes: ['a:read'] })).toMatchObject({
        status: 422,
        body: { details: [{ path: 'role' }] },
      });
    }
  });
});

describe('deleting a role', () => {
  test('is refused while live tokens carry it or members hold it, and says how many', async () => {
    const role = await addRole('a:read');
    const own = `/v1/roles/${role}`;
    const first = (await issue({ role })).body.token;
    const second = (await issue({ role })).body.token;
    const refused = await call('DELETE', own);
    expect(refused).toMatchObject({ status: 409, body: { message: expect.stringContaining('2 live tokens and 0') } });
    await call('POST', `/v1/tokens/${first.id}/revoke`);
    expect((await call('DELETE', own)).body.message).toContain('1 live token and');
    await call('POST', `/v1/tokens/${second.id}/revoke`);
    expect((await call('DELETE', own)).status).toBe(204);
    expect((await call('GET', `/v1/tokens/${first.id}`)).body).toMatchObject({ role: null, status: 'revoked' });
  });

  test('is refused while a member holds it', async () => {
    const person = await addPerson(service, workspace, { access: 'member' });
    const role = await giveRole(service, person, ['a:read']);
    expect((await call('DELETE', `/v1/roles/${role}`)).body.message).toContain('0 live tokens and 1 member.');
    const sql = service.context.db.$client;
    await sql`update members set removed_at = now() where name = ${person.name}`;
    expect((await call('DELETE', `/v1/roles/${role}`)).status).toBe(204);
  });

  test('and giving it to tokens at the same time never leaves a live token without it', async () => {
    for (let round = 0; round < 10; round += 1) {
      const role = await addRole('a:read');
      const issuing = Array.from({ length: 4 }, () => issue({ role }));
      const [deletion, ...issued] = await Promise.all([call('DELETE', `/v1/roles/${role}`), ...issuing]);
      for (const answer of issued) {
        if (answer.status === 201) {
          expect((await call('GET', `/v1/tokens/${answer.body.token.id}`)).body.role).toMatchObject({ id: role });
        } else expect(answer).toMatchObject({ status: 422, body: { details: [{ path: 'role' }] } });
      }
      expect(deletion?.status).toBe(issued.some(({ status }) => status === 201) ? 409 : 204);
    }
  });
});
