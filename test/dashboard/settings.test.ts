import { describe, expect, test } from 'vitest';
import { HOSTILE } from './one-token.ts';
import { createDashboardWorld, csrfIn, expectFine } from './world.ts';

const world = await createDashboardWorld();
const { service, workspace } = world;
const owner = await world.addBrowsing('owner');

const WINDOWS = [{}, { width: 360, colorScheme: 'dark' }] as const;

async function read(): Promise<Record<string, unknown>> {
  return (await service.call('GET', '/v1/settings', { secret: workspace.live.secret })).body;
}

function write(json: object) {
  return service.call('PATCH', '/v1/settings', { secret: workspace.live.secret, json });
}

describe('the settings', () => {
  test('are shown as they are, each with what it does', async () => {
    await write({ token_prefix: 'nw' });
    for (const window of WINDOWS) {
      const visitor = await world.visit(owner, window);
      const { page } = visitor;
      await page.goto('/live/settings');
      await expectFine(visitor);
      expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Northwind');
      expect(await page.getByLabel('Prefix of new tokens').inputValue()).toBe('nw');
      expect(await page.locator('.facts').textContent()).toMatch(/tok_.*nw_.*tkn_/s);
    }
  });

  test('are changed together, and the mark has the colour as an attribute alone', async () => {
    const visitor = await world.visit(owner);
    const { page } = visitor;
    await page.goto('/live/settings');
    await page.getByLabel('Name', { exact: true }).fill('Northwind Traders');
    const preview = page.locator('[data-color] .mark path');
    expect(await preview.getAttribute('stroke')).toBe('currentColor');
    await page.getByLabel('Colour of the mark').fill('#b03060');
    expect(await preview.getAttribute('stroke')).toBe('#b03060');
    expect(await page.getByRole('radio', { name: 'This one' }).isChecked()).toBe(true);
    await page.getByLabel('Prefix of new tokens').fill('gko');
    await page.getByLabel('Only scopes that the catalogue lists').check();
    await page.getByRole('radio', { name: /Record every single one/ }).check();
    await page.getByLabel('The hash tree is public').check();
    await page.getByRole('button', { name: 'Save settings' }).click();
    await page.getByRole('status').waitFor();
    expect(await page.getByRole('status').textContent()).toContain(
      'The settings are saved, effective on 1 of 1 replica.',
    );
    await expectFine(visitor);
    expect(await read()).toMatchObject({
      name: 'Northwind Traders',
      color: '#b03060',
      token_prefix: 'gko',
      scope_catalogue_enforced: true,
      audited_introspections: 'all',
      audit_tree_public: true,
    });
    expect(await page.locator('.side .mark path').getAttribute('stroke')).toBe('#b03060');
    expect(await page.locator('.workspace-name').textContent()).toBe('Northwind Traders');
    expect(await page.locator('link[rel=icon]').getAttribute('href')).toContain('%23b03060');
    expect(await page.locator('[style]').count()).toBe(0);
    await page.getByRole('radio', { name: 'Tooken’s own' }).check();
    await page.getByLabel('Name', { exact: true }).fill('Northwind');
    await page.getByLabel('The hash tree is public').uncheck();
    await page.getByRole('radio', { name: /Count them/ }).check();
    await page.getByLabel('Only scopes that the catalogue lists').uncheck();
    await page.getByRole('button', { name: 'Save settings' }).click();
    await expect.poll(async () => (await read()).color).toBe(null);
    expect(await read()).toMatchObject({
      name: 'Northwind',
      audit_tree_public: false,
      audited_introspections: 'counted',
    });
  });

  test('keep what was typed where something is wrong, such as the name of another workspace', async () => {
    await service.addWorkspace('Contoso');
    const before = await read();
    const visitor = await world.visit(owner, { javaScriptEnabled: false });
    const { page } = visitor;
    await page.goto('/live/settings');
    await page.getByLabel('Name', { exact: true }).fill('Contoso');
    await page.getByLabel('Prefix of new tokens').fill('zz');
    await page.getByRole('button', { name: 'Save settings' }).click();
    expect(await page.locator('#field-name-problem').textContent()).toContain('that of another workspace');
    expect(await page.getByLabel('Prefix of new tokens').inputValue()).toBe('zz');
    await page.getByLabel('Name', { exact: true }).fill('');
    await page.getByLabel('Prefix of new tokens').fill('tok');
    await page.getByRole('button', { name: 'Save settings' }).click();
    expect(await page.locator('#field-name-problem').textContent()).toBe('This must not be empty.');
    await page.getByLabel('Name', { exact: true }).fill('Northwind');
    await page.getByRole('button', { name: 'Save settings' }).click();
    expect(await page.locator('#field-token_prefix-problem').textContent()).toContain('is the prefix of API keys');
    expect(await read()).toEqual(before);
  });

  test('are not overwritten by whoever opened them before somebody else changed them', async () => {
    const visitor = await world.visit(owner);
    const { page } = visitor;
    visitor.expectStatus(412);
    await page.goto('/live/settings');
    await write({ token_prefix: 'fresh' });
    await page.getByLabel('Prefix of new tokens').fill('stale');
    await page.getByRole('button', { name: 'Save settings' }).click();
    await page.getByRole('heading', { name: 'As it is now' }).waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('Somebody has changed this');
    expect(await page.getByLabel('Prefix of new tokens').inputValue()).toBe('stale');
    expect((await read()).token_prefix).toBe('fresh');
    await expectFine(visitor);
    await page.getByRole('button', { name: 'Save settings' }).click();
    await page.getByRole('status').waitFor();
    expect((await read()).token_prefix).toBe('stale');
  });

  test('warn of a prefix that is that of others', async () => {
    await write({ token_prefix: 'ghp' });
    const visitor = await world.visit(owner);
    await visitor.page.goto('/live/settings');
    expect(await visitor.page.locator('.alert-warn').textContent()).toContain('GitHub');
    await expectFine(visitor);
  });
});

test.each(Object.values(HOSTILE))('a workspace called %j has that as text', async (name) => {
  const elsewhere = await service.addWorkspace(name);
  const stranger = await world.addBrowsing('owner', { workspace: elsewhere });
  for (const window of WINDOWS) {
    const visitor = await world.visit(stranger, window);
    const { page } = visitor;
    await page.goto('/live/settings');
    await expectFine(visitor);
    expect(await page.locator('img, main script').count()).toBe(0);
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe(name);
    expect(await page.locator('.workspace-name').textContent()).toBe(name);
  }
});

test.each(['member', 'auditor'] as const)(
  'somebody who is %s does not see the settings, nor change them',
  async (access) => {
    const person = await world.addBrowsing(access);
    const cookie = world.cookieOf(person);
    const before = await read();
    const account = await world.ask('/live/account', { cookie });
    expect(account.text).not.toContain('/live/settings');
    expect((await world.ask('/live/settings', { cookie })).status).toBe(403);
    const form = {
      csrf: csrfIn(account.text),
      name: 'mine',
      token_prefix: 'x1',
      audited_introspections: 'counted',
      revision: '1',
    };
    expect((await world.ask('/live/settings', { cookie, form })).status).toBe(403);
    expect(await read()).toEqual(before);
  },
);

test('an admin changes them, of the own workspace alone', async () => {
  const elsewhere = await service.addWorkspace('Fabrikam');
  const admin = await world.addBrowsing('admin', { workspace: elsewhere });
  const before = await read();
  const visitor = await world.visit(admin, { javaScriptEnabled: false });
  const { page } = visitor;
  await page.goto('/test/settings');
  await page.getByLabel('Prefix of new tokens').fill('fab');
  await page.getByRole('button', { name: 'Save settings' }).click();
  expect(await page.getByRole('status').textContent()).toContain('The settings are saved');
  const { body } = await service.call('GET', '/v1/settings', { secret: elsewhere.live.secret });
  expect(body).toMatchObject({ token_prefix: 'fab', former_token_prefixes: ['tkn'] });
  expect(await read()).toEqual(before);
});
