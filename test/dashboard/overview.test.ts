import { expect, test } from 'vitest';
import { readActivity } from '../../src/introspection/usage/activity.ts';
import { createDashboardWorld, expectFine } from './world.ts';

const world = await createDashboardWorld();
const { service, workspace } = world;
const owner = await world.addBrowsing('owner');

const DAY_SECONDS = 86_400;
const REQUEST = { id: 'test', method: 'GET', route: 'test', ip: null, userAgent: null };
const workspaceCaller = { kind: 'system', workspaceId: workspace.id } as const;

async function issue(name: string, json: Record<string, unknown>) {
  const { body } = await service.call('POST', '/v1/tokens', {
    secret: workspace.live.secret,
    json: { name, scopes: ['invoices:read'], ...json },
  });
  return { id: String(body.token.id), secret: String(body.secret) };
}

test('a workspace without tokens is told what to do first', async () => {
  const visitor = await world.visit(owner);
  const { page } = visitor;
  await page.goto('/live/overview');
  await expectFine(visitor);
  const steps = page.locator('.step');
  expect(await steps.locator('h3').allTextContents()).toEqual([
    'Secure your account',
    'Create an API key (done)',
    'Name your scopes',
    'Issue the first token',
  ]);
});

test('what needs attention is shown with the way to it, and how much is going on', async () => {
  const soon = await issue('nightly <b>export</b>', { expires_in: 5 * DAY_SECONDS });
  const endless = await issue('warehouse sync', { expires_at: null });
  const { context } = service;
  for (const { secret } of [soon, endless]) {
    await service.call('POST', '/v1/tokens/introspect', {
      secret: workspace.live.secret,
      body: new URLSearchParams({ token: secret }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  }
  const caller = { principal: { ...workspaceCaller, environment: 'live' }, request: REQUEST } as const;
  await expect.poll(async () => (await readActivity(context, caller)).days.at(-1)?.accepted).toBe(2);
  for (const options of [{}, { width: 360 }, { colorScheme: 'dark' }] as const) {
    const visitor = await world.visit(owner, options);
    const { page } = visitor;
    await page.goto('/live/overview');
    await expectFine(visitor);
    const expiring = page.locator('section.card', { hasText: 'Expiring soon (1)' });
    expect(await expiring.getByRole('link', { name: 'nightly <b>export</b>' }).getAttribute('href')).toBe(
      `/live/tokens/${soon.id}`,
    );
    expect(await expiring.textContent()).toContain('in 4 days');
    expect(await page.locator('section.card', { hasText: 'Without an end (1)' }).textContent()).toContain(
      'warehouse sync',
    );
    expect(await page.locator('.stat', { hasText: 'Uses today' }).textContent()).toContain('2');
    expect(await page.getByRole('img', { name: /Last 24 hours: Accepted 2, Denied 0/ }).count()).toBe(1);
  }
});

test('a member sees what is about its own tokens, and no more', async () => {
  const member = await world.addBrowsing('member', { scopes: ['invoices:read'] });
  const visitor = await world.visit(member);
  const { page } = visitor;
  await page.goto('/live/overview');
  await expectFine(visitor);
  expect(await page.getByText('You have no tokens in the live environment yet').count()).toBe(1);
  expect(await page.locator('main').getByRole('link', { name: 'Issue token' }).getAttribute('href')).toBe(
    '/live/tokens/new',
  );
  await issue('laptop of a member', { owner: member.id });
  await page.reload();
  await expectFine(visitor);
  expect(await page.getByText('warehouse sync').count()).toBe(0);
  expect(await page.locator('.stat', { hasText: 'Active tokens' }).textContent()).toContain('1');
  const navigation = page.getByRole('navigation', { name: 'Main' }).getByRole('link');
  expect(await navigation.allTextContents()).toEqual(['Overview', 'Tokens']);
});

test('a member whose roles allow nothing is told who can change that, and not led to a form that it cannot send', async () => {
  const visitor = await world.visit(await world.addBrowsing('member', { scopes: [] }), { width: 360 });
  const { page } = visitor;
  await page.goto('/live/overview');
  await expectFine(visitor);
  expect(await page.locator('.empty').textContent()).toContain('An owner or admin of the workspace can give you one');
  expect(await page.locator('main').getByRole('link', { name: 'Issue token' }).count()).toBe(0);
});

test('in a narrow window the navigation is where one is', async () => {
  const visitor = await world.visit(owner, { width: 360 });
  const { page } = visitor;
  await page.goto('/live/settings');
  const { x, width } = (await page.locator('.menu [aria-current="page"]').boundingBox()) ?? { x: -1, width: 0 };
  expect(x).toBeGreaterThanOrEqual(0);
  expect(x + width).toBeLessThanOrEqual(360);
});
