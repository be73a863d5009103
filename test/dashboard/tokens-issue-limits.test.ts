import { describe, expect, test } from 'vitest';
import { curlRequest } from '../support/curl.ts';
import { createIssuingWorld, SECRET } from './tokens-issue-world.ts';
import { expectFine } from './world.ts';

const { world, service, owner, withKey, named, loadForm } = await createIssuingWorld();

describe('whoever may not issue for others', () => {
  test('issues for itself, and sees what its roles grant and nothing else', async () => {
    const member = await world.addBrowsing('member', { scopes: ['payments:write'] });
    const visitor = await world.visit(member);
    const { page } = visitor;
    await page.goto('/live/tokens/new');
    expect(
      await page
        .locator('input[name="scopes"]')
        .evaluateAll((boxes: { value: string }[]) => boxes.map(({ value }) => value)),
    ).toEqual(['payments:read', 'payments:write']);
    expect(await page.getByLabel('Owner').count()).toBe(0);
    expect(await page.getByLabel('Other scopes').count()).toBe(0);
    await expectFine(visitor);
    await page.getByLabel('Name').fill('my own');
    await page.getByLabel('payments:read').check();
    await page.getByRole('button', { name: 'Issue token' }).click();
    await page.getByRole('heading', { name: 'Token issued' }).waitFor();
    expect(await named('my own')).toMatchObject([{ owner: { id: member.id }, scopes: ['payments:read'] }]);
  });

  test('issues nothing by a form that says more than its page offers', async () => {
    const member = await world.addBrowsing('member', { scopes: ['payments:write'] });
    const cookie = world.cookieOf(member);
    const attempts = [
      { scopes: 'invoices:read' },
      { scopes: 'payments:read', owner: owner.id },
      { other_scopes: 'tokens:write' },
    ];
    for (const attempt of attempts) {
      const form = { ...(await loadForm(cookie)), name: 'forged', ...attempt };
      const { status, text } = await world.ask('/live/tokens/new', { cookie, form });
      expect([status, SECRET.test(text)]).toEqual([403, false]);
    }
    expect(await named('forged')).toEqual([]);
  });

  test('is told what to do where its roles grant nothing', async () => {
    const member = await world.addBrowsing('member');
    const { text } = await world.ask('/live/tokens/new', { cookie: world.cookieOf(member) });
    expect(text).toContain('Your roles grant no scopes yet');
  });

  test('does not get the page as an auditor', async () => {
    const auditor = await world.addBrowsing('auditor');
    const cookie = world.cookieOf(auditor);
    expect((await world.ask('/live/tokens/new', { cookie })).status).toBe(403);
    expect((await world.ask('/live/tokens', { cookie })).text).not.toContain('Issue token');
  });
});

test('many scopes are narrowed down as one types, and what is ticked stays in sight', async () => {
  const large = await service.addWorkspace('Large');
  for (let n = 0; n < 12; n += 1) {
    await service.call('POST', '/v1/scopes', { secret: large.live.secret, json: { name: `thing-${n}:read` } });
  }
  const admin = await world.addBrowsing('admin', { workspace: large });
  const { page } = await world.visit(admin);
  await page.goto('/live/tokens/new');
  await page.getByLabel('thing-3:read').check();
  await page.getByLabel('Find a scope').fill('THING-11');
  const seen = page.locator('#scope-choices label:visible');
  await expect.poll(() => seen.allTextContents()).toEqual(['thing-11:read', 'thing-3:read']);
  await page.getByLabel('Find a scope').press('Enter');
  expect(page.url()).toMatch(/\/live\/tokens\/new$/);
});

test('hostile texts are texts: names, descriptions of scopes, metadata and audiences', async () => {
  const hostile = '"><img src=x onerror=alert(1)>\u202e';
  await withKey('POST', '/v1/scopes', { name: 'hostile:read', description: hostile });
  const visitor = await world.visit(owner, { width: 360 });
  const { page } = visitor;
  await page.goto(`/live/tokens/new?${new URLSearchParams({ name: hostile })}`);
  await expectFine(visitor);
  await page.getByLabel('hostile:read').check();
  await page.getByText('More: start').click();
  await page.getByLabel('Audience').fill("https://x.example/';id;'\"><script>alert(1)</script>");
  await page.getByLabel('Metadata').fill('</textarea><script>alert(1)</script>=1');
  await page.getByRole('button', { name: 'Issue token' }).click();
  await page.getByRole('heading', { name: 'Token issued' }).waitFor();
  await expectFine(visitor);
  expect(await page.locator('img').count()).toBe(0);
  const command = await page.locator('.copyable-block code').last().textContent();
  expect(curlRequest(command ?? '').url).toContain("https://x.example/';id;'");
});
