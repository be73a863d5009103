import { describe, expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { createTestService } from '../support/service.ts';
import { callsOf, testNamed } from './named.ts';

const service = await createTestService(await createTestDatabase());
testNamed(service, { path: '/v1/groups', word: 'group', fields: {}, needsStepUp: true });

const call = callsOf(service, await service.addWorkspace('acme'));

describe('a group', () => {
  test('has a name that machines read, and no scopes', async () => {
    for (const json of [{ name: 'The North' }, { name: '' }, { name: 'north', scopes: ['a:read'] }, {}]) {
      expect((await call('POST', '/v1/groups', json)).status).toBe(422);
    }
    const { id } = (await call('POST', '/v1/groups', { name: 'north' })).body;
    expect((await call('PATCH', `/v1/groups/${id}`, { name: 'North' })).status).toBe(422);
    expect((await call('PATCH', `/v1/groups/${id}`, { name: 'north.2' })).body).toMatchObject({
      name: 'north.2',
      effective: { replicas: 1 },
    });
  });

  test('that is deleted says how many left it, and where that is effective', async () => {
    const { id } = (await call('POST', '/v1/groups', { name: 'empty' })).body;
    expect(await call('DELETE', `/v1/groups/${id}`)).toMatchObject({
      status: 200,
      body: { members_left: 0, effective: { replicas: 1 } },
    });
  });
});
