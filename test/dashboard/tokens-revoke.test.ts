import { describe, expect, test } from 'vitest';
import { tokensOf } from './one-token.ts';
import { createDashboardWorld, csrfIn, expectFine } from './world.ts';

const world = await createDashboardWorld();
const { issue, introspect, isActive, awaitUse, read, revoke } = tokensOf(world);
const owner = await world.addBrowsing('owner');

describe('revoking a token', () => {
  test('says first what that breaks, and has taken effect by the time it says so', async () => {
    const token = await issue();
    for (let n = 0; n < 3; n += 1) await introspect(token.secret, '192.0.2.7');
    await awaitUse(token.id);
    const visitor = await world.visit(owner);
    const { page } = visitor;
    await page.goto(`/live/tokens/${token.id}`);
    await page.getByRole('link', { name: 'Revoke token' }).click();
    await page.getByRole('heading', { name: 'Revoke token' }).waitFor();
    const said = (await page.getByRole('main').textContent()) ?? '';
    expect(said).toContain('Calls today');
    expect(said).toMatch(/Calls in 7 days\s*3/);
    expect(said).toContain('192.0.2.7');
    expect(await page.getByRole('region', { name: 'Who was shown the token' }).textContent()).toContain(
      'live (API key)',
    );
    await expectFine(visitor);
    await page.getByLabel('Reason').fill('leaked in a ticket');
    await page.getByLabel('End this token for good').check();
    await page.getByRole('button', { name: 'Revoke token' }).click();
    const notice = await page.getByRole('status').textContent();
    expect(await isActive(token.secret)).toBe(false);
    expect(notice).toContain('Token “billing export” is revoked, effective on 1 of 1 replica.');
    expect(await page.getByRole('main').textContent()).toContain('by you. “leaked in a ticket”');
    await expectFine(visitor);
    expect(await read(token.id)).toMatchObject({
      status: 'revoked',
      revoked_by: owner.id,
      revoke_reason: 'leaked in a ticket',
    });
  });

  test('needs a tick, keeps the reason without it, and works without scripts', async () => {
    const token = await issue();
    const { page } = await world.visit(owner, { javaScriptEnabled: false });
    await page.goto(`/live/tokens/${token.id}/revoke`);
    await page.getByLabel('Reason').fill('not needed any more');
    await page.getByRole('button', { name: 'Revoke token' }).click();
    expect(await page.getByRole('main').textContent()).toContain('This has to be ticked');
    expect(await page.getByLabel('Reason').inputValue()).toBe('not needed any more');
    expect(await isActive(token.secret)).toBe(true);
    await page.getByLabel('End this token for good').check();
    await page.getByRole('button', { name: 'Revoke token' }).click();
    await page.getByRole('status').waitFor();
    expect(await isActive(token.secret)).toBe(false);
  });

  test('leaves what the token has issued alone, unless asked to take it along, then or later', async () => {
    const parent = await issue({ scopes: ['tokens:write', 'invoices:read'] });
    const child = await issue({ name: 'child' }, parent.secret);
    const cookie = world.cookieOf(owner);
    const path = `/live/tokens/${parent.id}/revoke`;
    const first = await world.ask(path, { cookie });
    expect(first.text).toContain('Revoke also the 1 token that it has issued.');
    await world.ask(path, { cookie, form: { csrf: csrfIn(first.text), confirm: 'yes' } });
    expect(await isActive(parent.secret)).toBe(false);
    expect(await isActive(child.secret)).toBe(true);

    expect((await world.ask(`/live/tokens/${parent.id}/delete`, { cookie })).text).toContain('They live on');

    const visitor = await world.visit(owner, { colorScheme: 'dark', width: 360 });
    const { page } = visitor;
    await page.goto(`/live/tokens/${parent.id}`);
    await page.getByRole('link', { name: 'Revoke what it has issued' }).click();
    await expectFine(visitor);
    await page.getByLabel('End these tokens for good').check();
    await page.getByRole('button', { name: 'Revoke what it has issued' }).click();
    expect(await page.getByRole('status').textContent()).toContain('with 1 token that it had issued');
    expect(await isActive(child.secret)).toBe(false);
    expect((await world.ask(path, { cookie })).text).toContain('Nothing to revoke');
  });
});

describe('deleting a token', () => {
  test('is for those that are over, and leaves their events in the log', async () => {
    const token = await issue({ name: 'of last year' });
    const cookie = world.cookieOf(owner);
    const path = `/live/tokens/${token.id}/delete`;
    const early = await world.ask(path, { cookie });
    expect(early.text).toContain('Revoke it first, then delete it.');
    expect((await world.ask(path, { cookie, form: { csrf: csrfIn(early.text) } })).status).toBe(409);
    await revoke(token.id);
    const visitor = await world.visit(owner);
    const { page } = visitor;
    await page.goto(`/live/tokens/${token.id}`);
    await page.getByRole('link', { name: 'Delete token' }).click();
    await expectFine(visitor);
    await page.getByRole('button', { name: 'Delete token' }).click();
    await page.waitForURL('**/live/tokens');
    expect(await page.getByRole('status').textContent()).toContain('Token “of last year” is deleted.');
    expect((await world.ask(`/live/tokens/${token.id}`, { cookie })).status).toBe(404);
    const log = await world.service.call('GET', `/v1/audit-log?target=${token.id}`, {
      secret: world.workspace.live.secret,
    });
    expect(JSON.stringify(log.body)).toContain('token.deleted');
  });
});
