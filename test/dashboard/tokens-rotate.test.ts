import { describe, expect, test } from 'vitest';
import { onceIn, tokensOf } from './one-token.ts';
import { createDashboardWorld, csrfIn, expectFine } from './world.ts';

const world = await createDashboardWorld();
const { issue, introspect, isActive, awaitUse, revoke } = tokensOf(world);
const owner = await world.addBrowsing('owner');

describe('rotating a token', () => {
  test('with an overlap leaves the old secret working beside the new one, until that is finished', async () => {
    const token = await issue();
    const visitor = await world.visit(owner);
    const { page } = visitor;
    await page.goto(`/live/tokens/${token.id}`);
    await page.getByRole('link', { name: 'Rotate token' }).click();
    await page.getByLabel('After 24 hours').check();
    await expectFine(visitor);
    await page.getByRole('button', { name: 'Rotate token' }).click();
    await page.getByRole('heading', { name: 'The new secret' }).waitFor();
    await expectFine(visitor);
    const secret = (await page.locator('.secret code').textContent()) ?? '';
    expect(secret).not.toBe(token.secret);
    expect(await isActive(secret)).toBe(true);
    expect(await introspect(token.secret, '192.0.2.7')).toMatchObject({ active: true });
    await awaitUse(token.id);

    await page.getByRole('link', { name: 'I have stored it' }).click();
    await page.getByRole('heading', { name: 'Two secrets work at the moment' }).waitFor();
    expect(await page.content()).not.toContain(secret);
    expect(await page.getByRole('region', { name: 'Who still uses the previous secret' }).textContent()).toContain(
      '192.0.2.7',
    );
    await page.getByRole('link', { name: 'Finish rotation' }).click();
    expect(await page.getByRole('region', { name: 'Who still uses the previous secret' }).textContent()).toContain(
      '192.0.2.7',
    );
    await expectFine(visitor);
    await page.getByRole('button', { name: 'Finish rotation' }).click();
    expect(await page.getByRole('status').textContent()).toMatch(/is dead, effective on 1 of 1 replica\b/);
    expect(await isActive(secret)).toBe(true);
    expect(await isActive(token.secret)).toBe(false);
    await expectFine(visitor);
  });

  test('at once ends the old secret, without scripts as well', async () => {
    const token = await issue();
    const { page } = await world.visit(owner, { javaScriptEnabled: false });
    await page.goto(`/live/tokens/${token.id}/rotate`);
    await page.getByLabel('At once').check();
    await page.getByLabel('In 30 days').check();
    await page.getByRole('button', { name: 'Rotate token' }).click();
    expect(await page.getByText('The old secret is dead').textContent()).toContain('effective on 1 of 1 replica');
    const secret = (await page.locator('.secret code').textContent()) ?? '';
    expect(await introspect(secret)).toMatchObject({ active: true, exp: expect.any(Number) });
    expect(await isActive(token.secret)).toBe(false);
  });

  test('by a form that is sent twice happens once, and the second time leads to the token without its secret', async () => {
    const token = await issue();
    const path = `/live/tokens/${token.id}/rotate`;
    const cookie = world.cookieOf(owner);
    const { text } = await world.ask(path, { cookie });
    const form = { csrf: csrfIn(text), once: onceIn(text), grace_seconds: '0', expiry: 'keep' };
    const first = await world.ask(path, { cookie, form });
    expect(first.status).toBe(200);
    const secret = /tkn_live_\w+/.exec(first.text)?.[0] ?? '';
    const second = await world.ask(path, { cookie, form });
    expect(second.status).toBe(303);
    expect(second.headers.get('location')).toBe(`/live/tokens/${token.id}`);
    expect(await isActive(secret)).toBe(true);
  });

  test('asks when the old secret stops, and keeps what was typed', async () => {
    const token = await issue();
    const visitor = await world.visit(owner, { width: 360 });
    const { page } = visitor;
    visitor.expectStatus(422);
    await page.goto(`/live/tokens/${token.id}/rotate`);
    await page.getByLabel('At another time').check();
    await page.getByLabel('Expires at').fill('2200-01-31T12:00');
    await page.getByRole('button', { name: 'Rotate token' }).click();
    expect(await page.getByRole('group', { name: 'The present secret stops' }).textContent()).toContain(
      'has to be chosen',
    );
    expect(await page.getByLabel('Expires at').inputValue()).toBe('2200-01-31T12:00');
    await expectFine(visitor);
    await page.getByLabel('After another time').check();
    await page.getByLabel('Hours of overlap').fill('169');
    await page.getByRole('button', { name: 'Rotate token' }).click();
    expect(await page.locator('.field-wrong').textContent()).toContain('at most 168');
    expect(await isActive(token.secret)).toBe(true);
    await page.getByLabel('Hours of overlap').fill('1.5');
    await page.getByRole('button', { name: 'Rotate token' }).click();
    await page.getByText('The old secret works until').waitFor();
    const { exp } = await introspect((await page.locator('.secret code').textContent()) ?? '');
    expect(exp).toBe(Date.UTC(2200, 0, 31, 12) / 1000);
  });

  test('is not offered for a revoked token, and refused for one that was revoked meanwhile', async () => {
    const token = await issue();
    const visitor = await world.visit(owner);
    const { page } = visitor;
    visitor.expectStatus(409);
    await page.goto(`/live/tokens/${token.id}/rotate`);
    await revoke(token.id);
    await page.getByLabel('At once').check();
    await page.getByRole('button', { name: 'Rotate token' }).click();
    await page.getByRole('heading', { name: 'This token cannot be rotated' }).waitFor();
    await expectFine(visitor);
    await page.getByRole('link', { name: 'Back to the token' }).click();
    await page.getByText('Revoked', { exact: true }).waitFor();
    expect(await page.getByRole('link', { name: 'Rotate token' }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Delete token' }).count()).toBe(1);
  });

  test('says which end would come before the token begins', async () => {
    const token = await issue({ not_before: '2199-01-31T12:00:00Z' });
    const visitor = await world.visit(owner);
    const { page } = visitor;
    visitor.expectStatus(422);
    await page.goto(`/live/tokens/${token.id}/rotate`);
    await page.getByLabel('At once').check();
    await page.getByLabel('In 90 days').check();
    await page.getByRole('button', { name: 'Rotate token' }).click();
    expect(await page.getByRole('group', { name: 'The token expires' }).textContent()).toContain('must be later than');
    await page.goto(`/live/tokens/${token.id}/edit`);
    await page.getByLabel('Expires at').fill('2198-01-31T12:00');
    await page.getByRole('button', { name: 'Save changes' }).click();
    expect(await page.locator('.field-wrong').textContent()).toContain('must be later than');
  });
});
