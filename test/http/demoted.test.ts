import { setTimeout } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { idToUuid } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { addPerson } from '../support/people.ts';
import { createTestService, type TestWorkspace } from '../support/service.ts';

const service = await createTestService(await createTestDatabase());
const sql = service.context.db.$client;
let workspace: TestWorkspace;
/** What paths name in braces. */
let ids: Record<string, string>;

beforeAll(async () => {
  workspace = await service.addWorkspace('Acme');
  const { secret } = workspace.live;
  const add = async (path: string, json: object) => (await service.call('POST', path, { secret, json })).body.id;
  await add('/v1/scopes', { name: 'invoices:read' });
  ids = {
    role: await add('/v1/roles', { name: 'billing', scopes: ['invoices:read'] }),
    group: await add('/v1/groups', { name: 'emea' }),
    project: await add('/v1/projects', { name: 'ledger' }),
    key: workspace.test.id,
  };
});

const name = 'another';
it.each([
  ['POST', '/v1/roles', { name, scopes: ['invoices:read'] }],
  ['PATCH', '/v1/roles/{role}', { scopes: ['invoices:write'] }],
  ['DELETE', '/v1/roles/{role}', undefined],
  ['POST', '/v1/groups', { name }],
  ['PATCH', '/v1/groups/{group}', { name }],
  ['DELETE', '/v1/groups/{group}', undefined],
  ['POST', '/v1/projects', { name }],
  ['PATCH', '/v1/projects/{project}', { name }],
  ['DELETE', '/v1/projects/{project}', undefined],
  ['POST', '/v1/scopes', { name: 'invoices:write' }],
  ['PATCH', '/v1/scopes/invoices:read', { description: name }],
  ['DELETE', '/v1/scopes/invoices:read', undefined],
  ['PATCH', '/v1/settings', { scope_catalogue_enforced: true }],
  ['DELETE', '/v1/api-keys/{key}', undefined],
])('a member who is demoted while its call is at work changes nothing: %s %s', async (method, path, json) => {
  const { id, secret } = await addPerson(service, workspace, { access: 'admin' });
  const { asked } = await sql.begin(async (tx) => {
    await tx`update members set access = 'member' where id = ${idToUuid(id)}`;
    const asked = service.call(
      method,
      path.replace(/\{(\w+)\}/, (_, key) => ids[key] ?? ''),
      { secret, json },
    );
    await Promise.race([asked, untilSomeoneWaits()]);
    return { asked };
  });
  expect(await asked).toMatchObject({ status: 403, body: { error: 'forbidden' } });
});

/** Until a transaction on this database waits for a lock. */
async function untilSomeoneWaits(): Promise<void> {
  for (let waiting = 0; waiting === 0; ) {
    const [row] = await sql<{ waiting: number }[]>`
      select count(*)::int as waiting from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    waiting = row?.waiting ?? 0;
    await setTimeout(5);
  }
}
