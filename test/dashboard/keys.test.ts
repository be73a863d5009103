import { describe, expect, test } from 'vitest';
import { HOSTILE } from './one-token.ts';
import { createDashboardWorld, csrfIn, expectFine } from './world.ts';

const world = await createDashboardWorld();
const { service, workspace } = world;
const owner = await world.addBrowsing('owner');
const admin = await world.addBrowsing('admin');

const WINDOWS = [{}, { width: 360, colorScheme: 'dark' }] as const;

async function addKey(name: string, environment: 'live' | 'test' = 'live', more: object = {}) {
  const json = { name, environment, ...more };
  const { body } = await service.call('POST', '/v1/api-keys', { secret: owner.secret, json });
  return { id: String(body.api_key.id), name, secret: String(body.secret) };
}

/** What the API answers somebody who comes with this key. */
async function statusOf(secret: string): Promise<number> {
  return (await service.call('GET', '/v1/tokens', { secret })).status;
}

async function introspect(secret: string, token: string): Promise<void> {
  await service.call('POST', '/v1/tokens/introspect', { secret, json: { token } });
}

describe('creating an API key', () => {
  test('shows the value once, with lines that set and use it; loading the page again leads to the key', async () => {
    const visitor = await world.visit(admin);
    const { page } = visitor;
    await page.goto('/live/keys');
    await page.getByRole('link', { name: 'Create API key' }).click();
    await expectFine(visitor);
    await page.getByLabel('Name').fill('billing backend');
    await page.getByRole('radio', { name: /^90 days/ }).check();
    await page.getByLabel('Allowed addresses').fill('192.0.2.0/24\n127.0.0.1');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await page.getByRole('heading', { name: 'API key created' }).waitFor();
    await expectFine(visitor);
    const secret = (await page.locator('.secret code').textContent()) ?? '';
    expect(secret).toMatch(/^tok_live_/);
    expect(await page.getByText(`export TOOKEN_API_KEY=${secret}`).count()).toBe(1);
    expect(await page.getByText('Authorization: Bearer $TOOKEN_API_KEY').count()).toBe(1);
    expect(page.url()).not.toContain('tok_');
    await page.reload();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('billing backend');
    expect(await page.content()).not.toContain(secret);
    expect(await page.locator('.facts').first().textContent()).toContain('192.0.2.0/24');
    expect(await page.locator('.facts').first().textContent()).toContain('in 89 days');
  });

  test('works without scripts, and sent twice makes one key', async () => {
    const visitor = await world.visit(owner, { javaScriptEnabled: false });
    const { page } = visitor;
    await page.goto('/test/keys/new');
    await page.getByLabel('Name').fill('no scripts');
    await page.getByRole('button', { name: 'Create API key' }).click();
    const secret = (await page.locator('.secret code').textContent()) ?? '';
    expect(secret).toMatch(/^tok_test_/);
    expect(await statusOf(secret)).toBe(200);
    // The answer to a form is asked for again by sending the form again.
    await page.reload();
    expect(await page.getByRole('status').textContent()).toContain('was sent before');
    expect(await page.content()).not.toContain(secret);
    await page.goto('/test/keys');
    expect(await page.getByRole('link', { name: 'no scripts' }).count()).toBe(1);
  });

  test('keeps what was typed when something is wrong, and says what', async () => {
    const visitor = await world.visit(owner);
    const { page } = visitor;
    visitor.expectStatus(422);
    await page.goto('/live/keys/new');
    await page.getByLabel('Allowed addresses').fill('10.0.0.0/8 nowhere');
    await page.getByRole('radio', { name: /^A date/ }).check();
    await page.getByLabel('Expires at').fill('2020-01-01T10:00');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.locator('#field-name-problem').textContent()).toBe('This must not be empty.');
    expect(await page.locator('#field-allowed_cidrs-problem').textContent()).toContain('must be an IP address');
    expect(await page.getByLabel('Allowed addresses').inputValue()).toBe('10.0.0.0/8 nowhere');
    await page.getByLabel('Name').fill('mended');
    await page.getByLabel('Allowed addresses').fill('');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await page.locator('#field-expires_at-problem').waitFor();
    expect(await page.getByLabel('Name').inputValue()).toBe('mended');
    await expectFine(visitor);
  });
});

describe('regenerating an API key', () => {
  test('says what relies on the old value, ends it at once, and shows the new one once', async () => {
    const key = await addKey('checkout');
    await introspect(key.secret, workspace.live.secret);
    await introspect(key.secret, workspace.live.secret);
    const visitor = await world.visit(owner);
    const { page } = visitor;
    await page.goto(`/live/keys/${key.id}`);
    await page.getByRole('link', { name: 'Regenerate API key' }).click();
    const today = page.locator('.stat', { hasText: 'Introspections today' });
    await expect
      .poll(async () => {
        await page.reload();
        return (await today.count()) > 0 && (await today.textContent());
      })
      .toContain('2');
    expect(await page.locator('.stat', { hasText: 'Last used' }).textContent()).toContain('just now');
    await expectFine(visitor);
    await page.getByLabel('End the old value now.').check();
    await page.getByRole('button', { name: 'Regenerate API key' }).click();
    await page.getByRole('heading', { name: 'API key regenerated' }).waitFor();
    expect(await page.getByRole('status').textContent()).toContain('effective on 1 of 1 replica');
    await expectFine(visitor);
    const renewed = (await page.locator('.secret code').textContent()) ?? '';
    expect(renewed).not.toBe(key.secret);
    expect([await statusOf(key.secret), await statusOf(renewed)]).toEqual([401, 200]);
    await page.reload();
    expect(await page.content()).not.toContain(renewed);
    expect(await page.getByText('regenerated API key').count()).toBe(1);
  });

  test('takes a tick, and is not offered for a key that has expired', async () => {
    const key = await addKey('untouched');
    const visitor = await world.visit(owner);
    const { page } = visitor;
    visitor.expectStatus(422);
    await page.goto(`/live/keys/${key.id}/regenerate`);
    await page.getByRole('button', { name: 'Regenerate API key' }).click();
    expect(await page.locator('#field-confirm-problem').textContent()).toContain('has to be ticked');
    expect(await statusOf(key.secret)).toBe(200);
    const expired = await addKey('past', 'live', { expires_in: 60 });
    await service.context.db.$client`update api_keys set expires_at = now() where name = 'past'`;
    await page.goto(`/live/keys/${expired.id}`);
    expect(await page.getByText('Expired').count()).toBeGreaterThan(0);
    expect(await page.getByRole('link', { name: 'Regenerate API key' }).count()).toBe(0);
    await page.goto(`/live/keys/${expired.id}/regenerate`);
    expect(await page.getByRole('button', { name: 'Regenerate API key' }).count()).toBe(0);
    await expectFine(visitor);
  });
});

describe('deleting an API key', () => {
  test('ends it at once, says so, and that what it issued lives on', async () => {
    const key = await addKey('leaver');
    const issued = await service.call('POST', '/v1/tokens', {
      secret: key.secret,
      json: { name: 'survivor', scopes: ['invoices:read'] },
    });
    const visitor = await world.visit(owner);
    const { page } = visitor;
    await page.goto(`/live/keys/${key.id}`);
    expect(await page.getByRole('link', { name: 'survivor' }).first().isVisible()).toBe(true);
    await expectFine(visitor);
    await page.getByRole('link', { name: 'Delete API key' }).click();
    expect(await page.locator('main').textContent()).toContain('1 token that it has issued');
    await expectFine(visitor);
    await page.getByLabel('End this API key for good.').check();
    await page.getByRole('button', { name: 'Delete API key' }).click();
    await page.waitForURL('**/live/keys');
    expect(await page.getByRole('status').textContent()).toContain(
      'API key “leaver” is deleted, effective on 1 of 1 replica. 1 token that it had issued lives on.',
    );
    expect(await statusOf(key.secret)).toBe(401);
    const { body } = await service.call('POST', '/v1/tokens/introspect', {
      secret: workspace.live.secret,
      json: { token: issued.body.secret },
    });
    expect(body.active).toBe(true);
    expect((await page.goto(`/live/keys/${key.id}`))?.status()).toBe(404);
  });
});

describe('the list of API keys', () => {
  test('has those of its environment, newest first, and whoever made them', async () => {
    await addKey('in test', 'test');
    for (const window of WINDOWS) {
      const visitor = await world.visit(owner, window);
      const { page } = visitor;
      await page.goto('/live/keys');
      await expectFine(visitor);
      expect(await page.getByRole('link', { name: 'in test' }).count()).toBe(0);
      await page.goto('/test/keys');
      const first = page.getByRole('row').nth(1);
      expect(await first.textContent()).toMatch(/in testtok_test_.*never.*Never expires.*by you/s);
    }
  });

  test('shows a key of the other environment nowhere', async () => {
    const key = await addKey('elsewhere', 'test');
    for (const below of ['', '/delete', '/regenerate']) {
      const { status } = await world.ask(`/live/keys/${key.id}${below}`, { cookie: world.cookieOf(owner) });
      expect(status).toBe(404);
    }
  });

  test('goes on past a page, and says what is wrong with an address that leads nowhere', async () => {
    const visitor = await world.visit(owner);
    const { page } = visitor;
    await page.goto('/live/keys?cursor=nonsense');
    expect(await page.getByRole('alert').textContent()).toContain('no place in this list');
    await expectFine(visitor);
    for (let n = 0; n < 51; n += 1) await addKey(`many ${n}`, 'test');
    await page.goto('/test/keys');
    await page.getByRole('link', { name: 'Older' }).click();
    expect(await page.getByRole('link', { name: 'many 0', exact: true }).count()).toBe(1);
    await page.getByRole('link', { name: 'Back to the newest' }).click();
    expect(await page.getByRole('link', { name: 'many 50' }).count()).toBe(1);
  });

  test('of an empty environment says what a key is for', async () => {
    const elsewhere = await service.addWorkspace('Contoso');
    const stranger = await world.addBrowsing('owner', { workspace: elsewhere });
    await service.context.db.$client`delete from api_keys where name like '%test%' and environment = 'test'
      and workspace_id = (select id from workspaces where name = 'Contoso')`;
    const visitor = await world.visit(stranger);
    await visitor.page.goto('/test/keys');
    expect(await visitor.page.locator('.empty').textContent()).toContain(
      'There is no API key for the test environment',
    );
    await expectFine(visitor);
  });
});

describe('of names that mean harm', () => {
  test.each(Object.values(HOSTILE))('%j is text and nothing else', async (name) => {
    const key = await addKey(name);
    for (const window of WINDOWS) {
      const visitor = await world.visit(owner, window);
      const { page } = visitor;
      for (const path of ['', `/${key.id}`, `/${key.id}/delete`, `/${key.id}/regenerate`]) {
        await page.goto(`/live/keys${path}`);
        await expectFine(visitor);
        expect(await page.locator('img, main script').count()).toBe(0);
        expect(await page.locator('main').textContent()).toContain(path === '' ? name : name.slice(0, 20));
      }
    }
  });
});

describe('who may not manage API keys', () => {
  test.each(['member', 'auditor'] as const)('as %s is shown none, and refused', async (access) => {
    const person = await world.addBrowsing(access);
    const key = await addKey(`not for ${access}`);
    const cookie = world.cookieOf(person);
    const account = await world.ask('/live/account', { cookie });
    expect(account.text).not.toContain('/live/keys');
    const csrf = csrfIn(account.text);
    for (const path of ['', '/new', `/${key.id}`, `/${key.id}/delete`, `/${key.id}/regenerate`]) {
      expect((await world.ask(`/live/keys${path}`, { cookie })).status).toBe(403);
      if (path === '' || path === `/${key.id}`) continue;
      const form = { csrf, confirm: 'yes', name: 'mine', expiry: 'never', once: 'x'.repeat(36) };
      expect((await world.ask(`/live/keys${path}`, { cookie, form })).status).toBe(403);
    }
    expect(await statusOf(key.secret)).toBe(200);
  });

  test('of another workspace finds nothing', async () => {
    const stranger = await world.addBrowsing('owner', { workspace: await service.addWorkspace('Fabrikam') });
    const key = await addKey('ours');
    const cookie = world.cookieOf(stranger);
    const csrf = csrfIn((await world.ask('/live/keys', { cookie })).text);
    for (const below of ['/delete', '/regenerate']) {
      const path = `/live/keys/${key.id}${below}`;
      expect((await world.ask(path, { cookie })).status).toBe(404);
      const form = { csrf, confirm: 'yes', once: 'y'.repeat(36) };
      expect((await world.ask(path, { cookie, form })).status).toBe(404);
    }
    expect(await statusOf(key.secret)).toBe(200);
  });
});
