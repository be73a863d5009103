import { expect, test } from 'vitest';
import { idToUuid, type RoleId } from '../../src/lib/ids.ts';
import { addPerson } from '../support/people.ts';
import { createDashboardWorld, csrfIn, expectFine } from './world.ts';

const world = await createDashboardWorld();
const { service, workspace } = world;
const owner = await world.addBrowsing('owner');
const { secret } = workspace.live;

for (const [name, description] of [
  ['invoices:write', 'Create and send invoices'],
  ['payments:read', 'See payments'],
  ['reports:read', null],
] as const) {
  await service.call('POST', '/v1/scopes', { secret, json: { name, description } });
}

let count = 0;

async function addRole(scopes: readonly string[], fields: object = {}): Promise<RoleId> {
  count += 1;
  const json = { name: `role-${count}`, scopes, ...fields };
  return String((await service.call('POST', '/v1/roles', { secret, json })).body.id) as RoleId;
}

async function issueWith(role: RoleId, name = 'carrier'): Promise<string> {
  const { body } = await service.call('POST', '/v1/tokens', { secret, json: { name, role } });
  return String(body.secret);
}

async function introspect(token: string) {
  return (await service.call('POST', '/v1/tokens/introspect', { secret, json: { token } })).body;
}

async function giveTo(role: RoleId) {
  const person = await addPerson(service, workspace, { access: 'member' });
  await service.context.db.$client`
    insert into member_roles (workspace_id, member_id, role_id)
    values (${idToUuid(workspace.id)}, ${idToUuid(person.id)}, ${idToUuid(role)})`;
  return person;
}

test('a role is created with scopes that are ticked and scopes that are typed', async () => {
  const visitor = await world.visit(owner);
  const { page } = visitor;
  await page.goto('/live/roles');
  await page.getByRole('link', { name: 'Create role' }).first().click();
  await page.getByLabel('Name').fill('Billing Team');
  await page.getByLabel('invoices:write').check();
  await page.getByLabel('Other scopes').fill('shipments:read, orders:write');
  visitor.expectStatus(422);
  await page.getByRole('button', { name: 'Create role' }).click();
  await page.getByText('This must be 1 to 64 lower-case letters').waitFor();
  expect(await page.getByLabel('invoices:write').isChecked()).toBe(true);
  expect(await page.getByLabel('Other scopes').inputValue()).toBe('shipments:read, orders:write');
  await page.getByLabel('Name').fill('billing');
  await page.getByRole('button', { name: 'Create role' }).click();
  await page.waitForURL(/\/live\/roles\/role_/);
  expect(await page.getByRole('status').textContent()).toContain('Role “billing” is created');
  const { body } = await service.call('GET', `/v1${new URL(page.url()).pathname.slice('/live'.length)}`, { secret });
  expect(body).toMatchObject({ name: 'billing', scopes: ['invoices:write', 'orders:write', 'shipments:read'] });
  await visitor.expectClean();
});

test('a change of scopes is shown before it is saved, and then tokens can do what the role says at once', async () => {
  const role = await addRole(['invoices:write', 'payments:read']);
  const token = await issueWith(role);
  await giveTo(role);
  expect(await introspect(token)).toMatchObject({ scope: 'invoices:read invoices:write payments:read' });
  const visitor = await world.visit(owner);
  const { page } = visitor;
  await page.goto(`/live/roles/${role}/edit`);
  await page.getByLabel('invoices:write').uncheck();
  await page.getByLabel('reports:read').check();
  await page.getByRole('button', { name: 'Save role' }).click();
  const part = (heading: string) => page.locator('section', { has: page.getByRole('heading', { name: heading }) });
  await part('Taken away').waitFor();
  await expectFine(visitor);
  expect(await part('Taken away').locator('.tag').allTextContents()).toEqual(['invoices:read', 'invoices:write']);
  expect(await part('Added').locator('.tag').allTextContents()).toEqual(['reports:read']);
  expect(await page.getByRole('main').textContent()).toContain('carried by 1 token of both environments together');
  expect(await page.getByRole('main').textContent()).toContain('held by 1 member.');
  expect(await introspect(token)).toMatchObject({ scope: 'invoices:read invoices:write payments:read' });
  await page.getByRole('button', { name: 'Save role' }).click();
  await page.waitForURL(`**/live/roles/${role}`);
  expect(await page.getByRole('status').textContent()).toMatch(/is changed, effective on (\d+) of \1 replicas?\.$/);
  expect(await introspect(token)).toMatchObject({ scope: 'payments:read reports:read' });
});

test('without scripts a role is created, its scopes are changed, and it is deleted', async () => {
  const { page } = await world.visit(owner, { javaScriptEnabled: false });
  await page.goto('/live/roles/new');
  await page.getByLabel('Name').fill('plain');
  await page.getByLabel('payments:read').check();
  await page.getByRole('button', { name: 'Create role' }).click();
  await page.getByRole('link', { name: 'Edit role' }).click();
  await page.getByLabel('Other scopes').fill('stock:write');
  await page.getByRole('button', { name: 'Save role' }).click();
  await page.getByRole('heading', { name: 'Added' }).waitFor();
  await page.getByRole('button', { name: 'Save role' }).click();
  await page.getByRole('status').waitFor();
  const granted = await page
    .getByRole('region', { name: 'What the role grants' })
    .getByRole('rowheader')
    .allTextContents();
  expect(granted).toEqual(['payments:read', 'stock:read', 'stock:write']);
  await page.getByRole('link', { name: 'Delete role' }).click();
  await page.getByRole('button', { name: 'Delete role' }).click();
  expect(await page.getByRole('status').textContent()).toContain('Role “plain” is deleted');
});

test('a change on top of a change by somebody else is refused, also once its preview was seen, and keeps what was typed', async () => {
  const role = await addRole(['invoices:write']);
  const visitor = await world.visit(owner);
  const { page } = visitor;
  await page.goto(`/live/roles/${role}/edit`);
  await page.getByLabel('Description').fill('Mine');
  await page.getByLabel('payments:read').check();
  await page.getByRole('button', { name: 'Save role' }).click();
  await page.getByRole('heading', { name: 'Added' }).waitFor();
  await service.call('PATCH', `/v1/roles/${role}`, { secret, json: { scopes: ['reports:read'] } });
  visitor.expectStatus(412);
  await page.getByRole('button', { name: 'Save role' }).click();
  await page.getByRole('heading', { name: 'As it is now' }).waitFor();
  await expectFine(visitor);
  expect(await page.getByRole('alert').textContent()).toContain('Somebody has changed this');
  expect(await page.getByLabel('Description').inputValue()).toBe('Mine');
  expect(await page.getByLabel('payments:read').isChecked()).toBe(true);
  expect((await service.call('GET', `/v1/roles/${role}`, { secret })).body).toMatchObject({ scopes: ['reports:read'] });
  // Having seen what it is now, it is shown anew what saving means.
  await page.getByRole('button', { name: 'Save role' }).click();
  await page.getByRole('heading', { name: 'Taken away' }).waitFor();
  await page.getByRole('button', { name: 'Save role' }).click();
  await page.waitForURL(`**/live/roles/${role}`);
  expect((await service.call('GET', `/v1/roles/${role}`, { secret })).body).toMatchObject({
    description: 'Mine',
    scopes: ['invoices:write', 'payments:read'],
  });
});

test('a role in use is not deleted, and its page says who uses it', async () => {
  const role = await addRole(['payments:read']);
  await issueWith(role);
  const person = await giveTo(role);
  const visitor = await world.visit(owner);
  const { page } = visitor;
  await page.goto(`/live/roles/${role}`);
  expect(await page.getByRole('link', { name: person.name }).getAttribute('href')).toBe(`/live/members/${person.id}`);
  await page.getByRole('link', { name: 'Delete role' }).click();
  expect(await page.getByRole('main').textContent()).toContain('in use by 1 token of both environments together');
  expect(await page.getByRole('main').textContent()).toContain('by 1 member');
  expect(await page.getByRole('button', { name: 'Delete role' }).count()).toBe(0);
  const cookie = world.cookieOf(owner);
  const csrf = csrfIn((await world.ask(`/live/roles/${role}/edit`, { cookie })).text);
  expect((await world.ask(`/live/roles/${role}/delete`, { cookie, form: { csrf } })).status).toBe(409);
  await expectFine(visitor);
});

test('whoever signed in a while ago proves who it is before a role changes, and the form is not lost', async () => {
  const role = await addRole(['payments:read']);
  const admin = await world.addBrowsing('admin', { authenticatedSecondsAgo: 3_600 });
  const cookie = world.cookieOf(admin);
  const { text } = await world.ask(`/live/roles/${role}/edit`, { cookie });
  const form = { csrf: csrfIn(text), revision: '1', name: 'renamed', description: '', scopes: 'payments:read' };
  const asked = await world.ask(`/live/roles/${role}/edit`, { cookie, form });
  expect(asked.status).toBe(401);
  expect(asked.text).toContain('value="renamed"');
  const after = await service.call('GET', `/v1/roles/${role}`, { secret });
  expect(after.body.name).not.toBe('renamed');
});

test('auditors read roles and change nothing; who holds them is for managers, and whose tokens carry them for all but members', async () => {
  const role = await addRole(['payments:read']);
  await issueWith(role, 'not theirs');
  const holder = await giveTo(role);
  for (const access of ['auditor', 'member'] as const) {
    const person = await world.addBrowsing(access);
    const { page } = await world.visit(person);
    await page.goto(`/live/roles/${role}`);
    const main = page.getByRole('main');
    for (const name of ['Edit role', 'Delete role']) expect(await main.getByRole('link', { name }).count()).toBe(0);
    expect(await main.getByText(holder.name).count()).toBe(0);
    for (const text of ['not theirs', '1 live']) {
      expect(await main.getByText(text).count(), `${access}: ${text}`).toBe(access === 'auditor' ? 1 : 0);
    }
    await page.goto('/live/roles');
    expect(await page.getByRole('link', { name: 'Create role' }).count()).toBe(0);
    expect(await page.getByRole('columnheader', { name: 'Members' }).count()).toBe(0);
    expect(await page.getByRole('columnheader', { name: 'Tokens' }).count()).toBe(access === 'auditor' ? 1 : 0);
    const cookie = world.cookieOf(person);
    for (const path of ['new', `${role}/edit`, `${role}/delete`]) {
      expect((await world.ask(`/live/roles/${path}`, { cookie })).status, `${access}: ${path}`).toBe(403);
    }
  }
});

test('roles of other workspaces do not exist', async () => {
  const other = await service.addWorkspace('Elsewhere');
  const json = { name: 'foreign', scopes: ['a:read'] };
  const { body } = await service.call('POST', '/v1/roles', { secret: other.live.secret, json });
  const cookie = world.cookieOf(owner);
  for (const path of ['', '/edit', '/delete']) {
    expect((await world.ask(`/live/roles/${body.id}${path}`, { cookie })).status).toBe(404);
  }
});

test('a role of fifty long scopes, and a description made to hurt, fit into wide and narrow windows, light and dark', async () => {
  const scopes = Array.from({ length: 50 }, (_, n) => `${'resource'.repeat(6)}-${n}:write`);
  const description = '<img src=x onerror="document.title=\'hacked\'">"><script>document.title="hacked"</script>\u202E';
  const role = await addRole(scopes, { name: 'everything', description: description + 'D'.repeat(300) });
  await issueWith(role);
  await giveTo(role);
  const unused = await addRole(['tokens:write']);
  const windows = [
    { width: 1280, colorScheme: 'dark' },
    { width: 360, colorScheme: 'light' },
  ] as const;
  for (const window of windows) {
    const visitor = await world.visit(owner, window);
    const { page } = visitor;
    for (const path of ['', '/new', `/${role}`, `/${role}/delete`, `/${unused}/delete`, `/${role}/edit`]) {
      await page.goto(`/live/roles${path}`);
      await expectFine(visitor);
      expect(await page.title()).not.toBe('hacked');
    }
    await page.getByRole('checkbox', { name: scopes[0] ?? '', exact: true }).uncheck();
    await page.getByRole('button', { name: 'Save role' }).click();
    await page.getByRole('heading', { name: 'Taken away' }).waitFor();
    await expectFine(visitor);
  }
}, 60_000);
