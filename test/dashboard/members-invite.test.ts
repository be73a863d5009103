import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { idToUuid } from '../../src/lib/ids.ts';
import { createDashboardWorld, csrfIn, expectFine } from './world.ts';

const world = await createDashboardWorld();
const { service, workspace, ask, cookieOf } = world;
const owner = await world.addBrowsing('owner');
const asOwner = (method: string, path: string, json: object) =>
  service.call(method, path, { secret: owner.secret, json });

await service.call('POST', '/v1/scopes', { secret: workspace.live.secret, json: { name: 'invoices:write' } });
await asOwner('POST', '/v1/roles', { name: 'billing', scopes: ['invoices:write'] });
await asOwner('POST', '/v1/groups', { name: 'emea', description: 'Europe, Middle East and Africa' });

const CHOSEN = 'seven brown owls at noon';

/** The link that a page shows, below the address at which this world can be reached. */
async function linkOn(page: Page): Promise<string> {
  const { pathname, hash } = new URL((await page.locator('.secret code').textContent()) ?? '');
  return pathname + hash;
}

async function invite(page: Page, email: string): Promise<string> {
  await page.goto('/live/members/invite');
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Invite member' }).click();
  await page.getByRole('heading', { name: 'is invited' }).waitFor();
  return linkOn(page);
}

async function countMembers(email: string): Promise<number> {
  const rows = await service.context.db.$client`
    select from members where email = ${email} and workspace_id = ${idToUuid(workspace.id)}`;
  return rows.length;
}

test('somebody invited joins by the link, signs in, and finds own tokens, the account, and nothing else', async () => {
  const inviter = await world.visit(owner);
  await inviter.page.goto('/live/members');
  await inviter.page.getByRole('link', { name: 'Invite member' }).click();
  await inviter.page.getByLabel('Email').fill('grace@example.com');
  await inviter.page.getByLabel('Name').fill('Grace Hopper');
  await inviter.page.getByLabel('billing').check();
  await inviter.page.getByLabel('emea').check();
  await inviter.page.getByRole('button', { name: 'Invite member' }).click();
  await inviter.page.getByRole('heading', { name: 'Grace Hopper is invited' }).waitFor();
  await expectFine(inviter);
  expect(await inviter.page.locator('main').textContent()).toContain('this service has no mail server');
  const link = await linkOn(inviter.page);

  const grace = await world.visit(undefined);
  const { page } = grace;
  await page.goto(link);
  await page.getByLabel('Password').fill(CHOSEN);
  await page.getByLabel('The same once more').fill(CHOSEN);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.waitForURL('**/sign-in');
  await page.getByLabel('Email').fill('grace@example.com');
  await page.getByLabel('Password', { exact: true }).fill(CHOSEN);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/live/overview');
  await expectFine(grace);
  const menu = page.getByRole('navigation', { name: 'Main' }).getByRole('link');
  const titles = (await menu.allTextContents()).map((title) => title.trim());
  expect(titles.filter((title) => title !== 'Projects')).toEqual(['Overview', 'Tokens']);

  await service.call('POST', '/v1/tokens', {
    secret: workspace.live.secret,
    json: { name: 'not for Grace', scopes: ['invoices:write'] },
  });
  await page.goto('/live/tokens');
  expect(await page.locator('main').textContent()).not.toContain('not for Grace');
  grace.expectStatus(403);
  for (const path of ['members', `members/${owner.id}`, 'members/invite', 'members/groups', 'keys', 'audit-log']) {
    const response = await page.goto(`/live/${path}`);
    expect(response?.status(), path).toBe(403);
    expect(await page.locator('main').textContent()).toContain('Your access does not cover this page');
  }
  await expectFine(grace);

  await inviter.page.getByRole('link', { name: 'I have passed it on' }).click();
  const facts = await inviter.page.locator('main').textContent();
  for (const fact of ['Active', 'grace@example.com', 'billing', 'invoices:write', 'emea'])
    expect(facts).toContain(fact);
  await expectFine(inviter);
});

test('a link is shown once: loading the page again, or sending the form again, shows the member and makes nothing', async () => {
  const { page } = await world.visit(owner);
  await invite(page, 'once@example.com');
  await page.reload();
  await page.getByRole('heading', { name: 'once', exact: true }).waitFor();
  expect(await page.content()).not.toContain('tokl_');
  expect(await countMembers('once@example.com')).toBe(1);

  const cookie = cookieOf(owner);
  const { text } = await ask('/live/members/invite', { cookie });
  const once = /name="once" value="([^"]+)"/.exec(text)?.[1] ?? '';
  const form = { csrf: csrfIn(text), once, email: 'twice@example.com', access: 'member' };
  const first = await ask('/live/members/invite', { cookie, form });
  expect(first.text).toContain('/link#tokl_');
  expect(first.headers.get('cache-control')).toBe('no-store');
  const second = await ask('/live/members/invite', { cookie, form });
  expect(second.status).toBe(303);
  expect(second.headers.get('location')).toMatch(/^\/live\/members\/usr_/);
  expect(second.text).not.toContain('tokl_');
  expect(await countMembers('twice@example.com')).toBe(1);
});

test('a form that is refused keeps what was typed, and says which field needs what', async () => {
  const { page, expectStatus } = await world.visit(owner);
  expectStatus(422, 409);
  await page.goto('/live/members/invite');
  await page.getByLabel('Email').fill('no address');
  await page.getByLabel('Name').fill('Barbara Liskov');
  await page.getByLabel('Auditor').check();
  await page.getByLabel('billing').check();
  await page.getByRole('button', { name: 'Invite member' }).click();
  const email = page.getByLabel('Email');
  expect(await email.getAttribute('aria-invalid')).toBe('true');
  expect(await page.locator('#field-email-problem').textContent()).toContain('must be an email address');
  expect(await email.inputValue()).toBe('no address');
  expect(await page.getByLabel('Name').inputValue()).toBe('Barbara Liskov');
  expect(await page.getByLabel('Auditor').isChecked()).toBe(true);
  expect(await page.getByLabel('billing').isChecked()).toBe(true);
  await email.fill(owner.email);
  await page.getByRole('button', { name: 'Invite member' }).click();
  expect(await page.getByRole('alert').textContent()).toContain('has this email address already');
  await page.getByLabel('Email').fill('barbara@example.com');
  await page.getByRole('button', { name: 'Invite member' }).click();
  await page.getByRole('heading', { name: 'Barbara Liskov is invited' }).waitFor();
});

test('who proved long ago who it is is asked again, and types nothing twice', async () => {
  const idle = await world.addBrowsing('owner', { authenticatedSecondsAgo: 3600 });
  const visitor = await world.visit(idle, { javaScriptEnabled: false });
  const { page } = visitor;
  visitor.expectStatus(401);
  await page.goto('/live/members/invite');
  await page.getByLabel('Email').fill('later@example.com');
  await page.getByLabel('Admin').check();
  await page.getByRole('button', { name: 'Invite member' }).click();
  await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor();
  expect(await countMembers('later@example.com')).toBe(0);
  await page.getByLabel('Your password').fill('not the password at all');
  await page.getByRole('button', { name: 'Confirm and go on' }).click();
  expect(await countMembers('later@example.com')).toBe(0);
  await page.getByLabel('Your password').fill('correct horse battery staple');
  await page.getByRole('button', { name: 'Confirm and go on' }).click();
  await page.getByRole('heading', { name: 'later is invited' }).waitFor();
  expect(await page.locator('.secret code').textContent()).toContain('/link#tokl_');
  await page.getByRole('link', { name: 'I have passed it on' }).click();
  expect(await page.locator('main').textContent()).toContain('Admin');
});

test('a new invitation kills the link before it', async () => {
  const { page } = await world.visit(owner);
  const first = await invite(page, 'again@example.com');
  await page.getByRole('link', { name: 'I have passed it on' }).click();
  await page.getByRole('link', { name: 'Invite again' }).click();
  await page.getByRole('button', { name: 'Make new link' }).click();
  await page.getByRole('heading', { name: 'again is invited again' }).waitFor();
  const second = await linkOn(page);
  const accept = (link: string) =>
    service.call('POST', '/v1/members/invitations/accept', { json: { token: link.split('#')[1], password: CHOSEN } });
  expect((await accept(first)).status).toBe(401);
  expect((await accept(second)).status).toBe(200);
});

test('an account that never signs in is added with its roles, and no link', async () => {
  const visitor = await world.visit(owner, { javaScriptEnabled: false, width: 360, colorScheme: 'dark' });
  const { page } = visitor;
  await page.goto('/live/members');
  await page.getByRole('link', { name: 'Add account' }).click();
  await page.getByLabel('Name').fill('billing sync');
  await page.getByLabel('billing').check();
  await page.getByRole('button', { name: 'Add account' }).click();
  await page.getByRole('heading', { name: 'billing sync' }).waitFor();
  const text = await page.locator('main').textContent();
  expect(text).toContain('this account only owns tokens');
  expect(text).not.toContain('tokl_');
  expect(await page.getByRole('link', { name: 'Make reset link' }).count()).toBe(0);
});

describe('an admin', async () => {
  const admin = await world.addBrowsing('admin');

  test('is offered every access but that of owners, and nothing to do about an owner', async () => {
    const { page } = await world.visit(admin);
    await page.goto('/live/members/invite');
    expect(await page.getByRole('radio').count()).toBe(3);
    expect(await page.locator('input[value="owner"]').count()).toBe(0);
    await page.goto(`/live/members/${owner.id}`);
    for (const name of ['Edit member', 'Remove', 'Make reset link', 'End sessions']) {
      expect(await page.getByRole('link', { name }).count(), name).toBe(0);
    }
  });

  test.each(['edit', 'remove', 'reset', 'end-sessions'])('is refused the page /%s of an owner', async (page) => {
    const { status, text } = await ask(`/live/members/${owner.id}/${page}`, { cookie: cookieOf(admin) });
    expect(status).toBe(403);
    expect(text).toContain('Ask one of them');
  });

  test('cannot invite an owner by a form made up', async () => {
    const cookie = cookieOf(admin);
    const { text } = await ask('/live/members/invite', { cookie });
    const once = /name="once" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const form = { csrf: csrfIn(text), once, email: 'usurper@example.com', access: 'owner' };
    expect((await ask('/live/members/invite', { cookie, form })).status).toBe(403);
    expect(await countMembers('usurper@example.com')).toBe(0);
  });
});
