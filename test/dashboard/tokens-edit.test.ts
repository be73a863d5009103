import { describe, expect, test } from 'vitest';
import { PASSWORD } from '../support/people.ts';
import { tokensOf } from './one-token.ts';
import { createDashboardWorld, csrfIn, expectFine } from './world.ts';

const world = await createDashboardWorld();
const { issue, introspect, read, revoke } = tokensOf(world);
const owner = await world.addBrowsing('owner');
const member = await world.addBrowsing('member', { scopes: ['invoices:write', 'payments:read'] });

describe('editing a token', () => {
  test('changes what it is and may do, everywhere by the time it says so', async () => {
    const token = await issue({ scopes: ['invoices:write', 'payments:read'], metadata: { team: 'billing' } });
    const visitor = await world.visit(owner);
    const { page } = visitor;
    await page.goto(`/live/tokens/${token.id}`);
    await page.getByRole('link', { name: 'Edit token' }).click();
    await expectFine(visitor);
    expect(
      await page
        .getByLabel('Other scopes')
        .or(page.getByLabel('Scopes', { exact: true }))
        .inputValue(),
    ).toBe('invoices:write payments:read');
    await page.getByLabel('Name').fill('billing import');
    await page.getByLabel('Description').fill('Since May.');
    await page.getByLabel('Scopes', { exact: true }).fill('invoices:read');
    await page.getByLabel('Metadata').fill('team=billing\nticket=4711');
    await page.getByLabel('Allowed addresses').fill('192.0.2.0/24\n2001:db8::1');
    await page.getByLabel('Expires at').fill('2199-01-31T12:00');
    await page.getByRole('button', { name: 'Save changes' }).click();
    const notice = await page.getByRole('status').textContent();
    expect(await introspect(token.secret, '192.0.2.7')).toMatchObject({ active: true, scope: 'invoices:read' });
    expect(notice).toBe('Token “billing import” is changed, effective on 1 of 1 replica.');
    expect(await read(token.id)).toMatchObject({
      name: 'billing import',
      description: 'Since May.',
      scopes: ['invoices:read'],
      metadata: { team: 'billing', ticket: '4711' },
      allowed_cidrs: ['192.0.2.0/24', '2001:db8::1/128'],
      expires_at: '2199-01-31T12:00:00.000Z',
    });
    await expectFine(visitor);
  });

  test('that changes nothing says so, and leaves an end between two minutes as it is', async () => {
    const token = await issue({ expires_at: '2199-01-31T12:00:42.123Z' });
    const { page } = await world.visit(owner, { javaScriptEnabled: false });
    await page.goto(`/live/tokens/${token.id}/edit`);
    await page.getByRole('button', { name: 'Save changes' }).click();
    expect(await page.getByRole('status').textContent()).toBe('Nothing was changed.');
    expect(await read(token.id)).toMatchObject({ expires_at: '2199-01-31T12:00:42.123Z' });
  });

  test('from a page that is out of date is refused, shows what there is now, and keeps what was typed', async () => {
    const token = await issue();
    const [first, second] = [await world.visit(owner), await world.visit(owner)];
    second.expectStatus(412);
    for (const { page } of [first, second]) await page.goto(`/live/tokens/${token.id}/edit`);
    await first.page.getByLabel('Name').fill('name of the first');
    await first.page.getByRole('button', { name: 'Save changes' }).click();
    await first.page.getByRole('status').waitFor();
    await second.page.getByLabel('Description').fill('description of the second');
    await second.page.getByRole('button', { name: 'Save changes' }).click();
    expect(await second.page.getByRole('alert').textContent()).toContain(
      'Somebody has changed this since you opened the page.',
    );
    expect(await second.page.getByLabel('Description').inputValue()).toBe('description of the second');
    const asItIs = second.page
      .locator('.card')
      .filter({ has: second.page.getByRole('heading', { name: 'As it is now' }) });
    expect(await asItIs.textContent()).toContain('name of the first');
    expect(await read(token.id)).toMatchObject({ name: 'name of the first', description: null });
    await expectFine(second);
    await second.page.getByRole('button', { name: 'Save changes' }).click();
    await second.page.getByRole('status').waitFor();
    expect(await read(token.id)).toMatchObject({ name: 'billing export', description: 'description of the second' });
  });

  test('names the field that is wrong and keeps what was typed', async () => {
    const token = await issue({ expires_in: 86_400 });
    const visitor = await world.visit(owner, { colorScheme: 'dark', width: 360 });
    const { page } = visitor;
    visitor.expectStatus(422);
    await page.goto(`/live/tokens/${token.id}/edit`);
    await page.getByLabel('Allowed addresses').fill('300.0.0.1');
    await page.getByLabel('Name').fill('kept');
    await page.getByRole('button', { name: 'Save changes' }).click();
    expect(await page.locator('.field-wrong').textContent()).toContain('must be an IP address or a CIDR block');
    expect(await page.getByLabel('Name').inputValue()).toBe('kept');
    await expectFine(visitor);
    await page.getByLabel('Allowed addresses').fill('');
    await page.getByLabel('Expires at').fill('2199-01-31T12:00');
    await page.getByRole('button', { name: 'Save changes' }).click();
    expect(await page.locator('.field-wrong').textContent()).toContain('can only be brought forward');
    expect(await read(token.id)).toMatchObject({ name: 'billing export' });
  });

  test('of one that is over changes its notes alone', async () => {
    const token = await issue();
    await revoke(token.id);
    const visitor = await world.visit(owner);
    const { page } = visitor;
    await page.goto(`/live/tokens/${token.id}/edit`);
    expect(await page.getByLabel('Scopes', { exact: true }).count()).toBe(0);
    await page.getByLabel('Description').fill('Leaked in May.');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('status').waitFor();
    expect(await read(token.id)).toMatchObject({ status: 'revoked', description: 'Leaked in May.' });
    await expectFine(visitor);
  });

  test('by a member gives its own token what its roles grant, and no more', async () => {
    const token = await issue({ owner: member.id, scopes: ['invoices:read'] });
    const visitor = await world.visit(member);
    const { page } = visitor;
    await page.goto(`/live/tokens/${token.id}/edit`);
    expect(await page.getByLabel('Project').count()).toBe(0);
    await page.getByLabel('payments:read').check();
    await expectFine(visitor);
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('status').waitFor();
    expect(await read(token.id)).toMatchObject({ scopes: ['invoices:read', 'payments:read'] });
    const path = `/live/tokens/${token.id}/edit`;
    const cookie = world.cookieOf(member);
    const { text } = await world.ask(path, { cookie });
    const revision = /name="revision" value="(\d+)"/.exec(text)?.[1] ?? '';
    const form = { csrf: csrfIn(text), revision, name: 'mine', scopes: 'reports:write' };
    expect((await world.ask(path, { cookie, form })).status).toBe(403);
    expect(await read(token.id)).toMatchObject({ scopes: ['invoices:read', 'payments:read'] });
  });
});

describe('reassigning a token', () => {
  test('takes a fresh proof, after which the form goes through as it was', async () => {
    const token = await issue({ scopes: ['invoices:read', 'reports:read'] });
    const admin = await world.addBrowsing('admin', { authenticatedSecondsAgo: 3_600 });
    const visitor = await world.visit(admin);
    const { page } = visitor;
    visitor.expectStatus(401);
    await page.goto(`/live/tokens/${token.id}`);
    await page.getByRole('link', { name: 'Reassign token' }).click();
    await expectFine(visitor);
    await page.getByLabel('New owner').selectOption(member.id);
    await page.getByLabel('Reason').fill('Moved to the team of invoices');
    await page.getByRole('button', { name: 'Reassign token' }).click();
    await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor();
    expect(await read(token.id)).toMatchObject({ owner: null });
    await page.getByLabel('Your password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Confirm and go on' }).click();
    expect(await page.getByRole('status').textContent()).toContain(
      `belongs to ${member.name} now, effective on 1 of 1 replica. The roles of its owner cut off 1 scope.`,
    );
    expect(await read(token.id)).toMatchObject({ owner: { id: member.id }, effective_scopes: ['invoices:read'] });
    await expectFine(visitor);
  });
});
