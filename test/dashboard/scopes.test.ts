import { expect, test } from 'vitest';
import { createDashboardWorld, csrfIn, expectFine } from './world.ts';

const world = await createDashboardWorld();
const { service, workspace } = world;
const owner = await world.addBrowsing('owner');
const { secret } = workspace.live;

const addScope = (name: string, description: string | null = null) =>
  service.call('POST', '/v1/scopes', { secret, json: { name, description } });

for (const javaScriptEnabled of [true, false]) {
  test(`${javaScriptEnabled ? 'with' : 'without'} scripts a scope is added, described and removed`, async () => {
    const name = javaScriptEnabled ? 'invoices:write' : 'payments:write';
    const { page } = await world.visit(owner, { javaScriptEnabled });
    await page.goto('/live/roles');
    await page.getByRole('link', { name: 'Scope catalogue' }).click();
    expect(await page.getByRole('link', { name: 'Scope catalogue' }).getAttribute('aria-current')).toBe('page');
    await page.getByRole('link', { name: 'Add scope' }).first().click();
    await page.getByLabel('Name').fill('Invoices');
    await page.getByLabel('Description').fill('Create and change');
    await page.getByRole('button', { name: 'Add scope' }).click();
    await page.getByText('This must have the form resource:action, in lower case.').waitFor();
    expect(await page.getByLabel('Description').inputValue()).toBe('Create and change');
    await page.getByLabel('Name').fill(name);
    await page.getByRole('button', { name: 'Add scope' }).click();
    await page.getByRole('status').waitFor();
    await page.getByRole('link', { name: `Describe ${name}` }).click();
    await page.getByLabel('Description').fill('Create, change and send');
    await page.getByRole('button', { name: 'Save description' }).click();
    await page.getByRole('status').waitFor();
    const row = page.getByRole('row', { name });
    expect(await row.textContent()).toContain('Create, change and send');
    await page.getByRole('link', { name: `Remove ${name}` }).click();
    await page.getByRole('button', { name: 'Remove scope' }).click();
    await page.getByRole('status').waitFor();
    expect(await page.getByRole('link', { name: `Remove ${name}` }).count()).toBe(0);
    expect((await service.call('GET', `/v1/scopes/${name}`, { secret })).status).toBe(404);
  });
}

test('the catalogue says whether it is enforced, how many roles grant a scope, and what those of Tooken itself are', async () => {
  await addScope('reports:read', 'Read monthly reports');
  await service.call('POST', '/v1/roles', { secret, json: { name: 'reporting', scopes: ['reports:read'] } });
  const { page } = await world.visit(owner);
  await page.goto('/live/roles/scopes');
  expect(await page.getByRole('main').textContent()).toContain('the catalogue is not enforced');
  expect(await page.getByRole('row', { name: 'reports:read' }).textContent()).toContain('1 role');
  expect(await page.getByRole('link', { name: 'Find tokens with reports:read' }).getAttribute('href')).toBe(
    '/live/tokens?scope=reports%3Aread',
  );
  expect(await page.getByRole('row', { name: 'tokens:introspect' }).textContent()).toContain('whether a token is good');
  await service.context.db.$client`update workspaces set is_scope_catalogue_enforced = true`;
  await page.reload();
  expect(await page.getByRole('main').textContent()).toContain('Tokens and roles get only scopes that are listed here');
  await page.goto('/live/roles/scopes/reports:read/delete');
  expect(await page.getByRole('main').textContent()).toContain('1 role grants it');
  expect(await page.getByRole('main').textContent()).toContain('No token and no role can get it any more');
  await service.context.db.$client`update workspaces set is_scope_catalogue_enforced = false`;
});

test('a description on top of one by somebody else is refused and kept', async () => {
  await addScope('stock:read', 'Theirs, at first');
  const { page } = await world.visit(owner);
  await page.goto('/live/roles/scopes/stock:read/edit');
  await service.call('PATCH', '/v1/scopes/stock:read', { secret, json: { description: 'Theirs' } });
  await page.getByLabel('Description').fill('Mine');
  await page.getByRole('button', { name: 'Save description' }).click();
  await page.getByRole('heading', { name: 'As it is now' }).waitFor();
  expect(await page.getByLabel('Description').inputValue()).toBe('Mine');
  expect((await service.call('GET', '/v1/scopes/stock:read', { secret })).body.description).toBe('Theirs');
});

test('auditors and members read the catalogue and change nothing', async () => {
  await addScope('orders:read', 'See orders');
  for (const access of ['auditor', 'member'] as const) {
    const person = await world.addBrowsing(access);
    const { page } = await world.visit(person);
    await page.goto('/live/roles/scopes');
    expect(await page.getByRole('row', { name: 'orders:read' }).count()).toBe(1);
    for (const name of [/^Add scope/, /^Describe/, /^Remove/]) {
      expect(await page.getByRole('link', { name }).count(), `${access}: ${name}`).toBe(0);
    }
    const cookie = world.cookieOf(person);
    const csrf = csrfIn((await world.ask('/live/roles/scopes', { cookie })).text);
    for (const path of ['new', 'orders:read/edit', 'orders:read/delete']) {
      const form = { csrf, name: 'x:read', description: '', revision: '1' };
      expect((await world.ask(`/live/roles/scopes/${path}`, { cookie, form })).status, path).toBe(403);
    }
  }
  expect((await service.call('GET', '/v1/scopes/orders:read', { secret })).body.description).toBe('See orders');
});

test('scopes of other workspaces and scopes that nobody could have are not there', async () => {
  const other = await service.addWorkspace('Elsewhere');
  await service.call('POST', '/v1/scopes', { secret: other.live.secret, json: { name: 'foreign:read' } });
  const cookie = world.cookieOf(owner);
  for (const name of ['foreign:read', 'nonsense', '%00:read', "x'--:read"]) {
    expect((await world.ask(`/live/roles/scopes/${name}/edit`, { cookie })).status, name).toBe(404);
  }
});

test('a long catalogue goes on on another page, and an address that leads nowhere says so', async () => {
  const far = await service.addWorkspace('Full');
  const reader = await world.addBrowsing('owner', { workspace: far });
  const sql = service.context.db.$client;
  await sql`
    insert into scopes (workspace_id, name, created_at, updated_at)
    select w.id, 'resource-' || lpad(n::text, 3, '0') || ':read', now(), now()
    from workspaces w, generate_series(1, 130) n where w.name = 'Full'`;
  const { page } = await world.visit(reader);
  await page.goto('/live/roles/scopes');
  const catalogue = page.getByRole('region', { name: 'Scope catalogue' });
  expect(await catalogue.getByRole('rowheader').count()).toBe(100);
  await page.getByRole('link', { name: 'More scopes' }).click();
  await page.getByText('resource-130:read').waitFor();
  expect(await catalogue.getByRole('rowheader').count()).toBe(30);
  expect((await page.goto('/live/roles/scopes?cursor=nonsense'))?.status()).toBe(200);
  await page.getByRole('alert').getByRole('link', { name: 'Back to the beginning' }).click();
  expect(await catalogue.getByRole('rowheader').count()).toBe(100);
});

test('whatever descriptions say, they are shown as text, and the pages stay fine, wide and narrow, light and dark', async () => {
  const name = `${'resource'.repeat(15)}:write`;
  await addScope(name, `<img src=x onerror="document.title='hacked'">"><script>document.title="hacked"</script>\u202E`);
  await addScope('long:read', 'D'.repeat(1024));
  const windows = [
    { width: 1280, colorScheme: 'dark' },
    { width: 360, colorScheme: 'light' },
  ] as const;
  for (const window of windows) {
    const visitor = await world.visit(owner, window);
    for (const path of ['', '/new', `/${name}/edit`, `/${name}/delete`]) {
      await visitor.page.goto(`/live/roles/scopes${path}`);
      await expectFine(visitor);
      expect(await visitor.page.title()).not.toBe('hacked');
    }
  }
}, 60_000);
