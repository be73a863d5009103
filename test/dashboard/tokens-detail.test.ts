import { describe, expect, test } from 'vitest';
import { giveRole } from '../support/people.ts';
import { HOSTILE, tokensOf } from './one-token.ts';
import { type BrowsingPerson, createDashboardWorld, expectFine } from './world.ts';

const world = await createDashboardWorld();
const { issue, introspect, awaitUse, revoke } = tokensOf(world);
const owner = await world.addBrowsing('owner');
const auditor = await world.addBrowsing('auditor');
const member = await world.addBrowsing('member', { scopes: ['invoices:write', 'payments:read'] });
const stranger = await world.addBrowsing('owner', { workspace: await world.service.addWorkspace('Elsewhere') });

const FULL = {
  name: 'Nightly billing export',
  description: 'Takes the invoices of the day to the data warehouse.\nAsk the billing team before you touch it.',
  scopes: ['invoices:write', 'payments:read', 'reports:write'],
  audience: 'https://warehouse.example.com',
  allowed_cidrs: ['192.0.2.0/24', '2001:db8::/32'],
  metadata: { team: 'billing', ticket: 4711, contacts: ['ada@example.com', { slack: '#billing' }] },
  expires_in: 10 * 86_400,
};
const ACTIONS = ['Edit token', 'Rotate token', 'Reassign token', 'Revoke token', 'Delete token'];

async function openPage(person: BrowsingPerson, path: string, options: Parameters<typeof world.visit>[1] = {}) {
  const visitor = await world.visit(person, options);
  await visitor.page.goto(path);
  return { ...visitor, text: (await visitor.page.getByRole('main').textContent()) ?? '' };
}

async function actionsFor(person: BrowsingPerson, path: string): Promise<string[]> {
  const { text } = await world.ask(path, { cookie: world.cookieOf(person) });
  return ACTIONS.filter((action) => text.includes(`>${action}</a>`));
}

describe('the page of a token', () => {
  test('shows what it is, may do and was used for, and what happened to it', async () => {
    const token = await issue(FULL);
    for (let n = 0; n < 3; n += 1) await introspect(token.secret, '192.0.2.7');
    await introspect(token.secret, '198.51.100.66');
    await awaitUse(token.id);
    const visitor = await openPage(owner, `/live/tokens/${token.id}`);
    const { page, text } = visitor;
    const seen = [
      token.id,
      'warehouse.example.com',
      '2001:db8::/32',
      'reports:read',
      '#billing',
      'in 9 days',
      'by live (API key)',
    ];
    for (const each of seen) expect(text).toContain(each);
    const sources = await page.getByRole('region', { name: 'Addresses that the token came from' }).textContent();
    expect(sources).toContain('192.0.2.7');
    expect(sources).toContain('198.51.100.66');
    expect(text).toContain('live (API key) issued token Nightly billing export');
    expect(await page.getByRole('link', { name: 'All its events' }).getAttribute('href')).toBe(
      `/live/audit-log?target=${token.id}`,
    );
    expect(await page.content()).not.toContain(token.secret);
    await expectFine(visitor);
    await expectFine(await openPage(owner, `/live/tokens/${token.id}`, { colorScheme: 'dark', width: 360 }));
  });

  test('says what the roles of its owner cut off', async () => {
    const scopes = ['invoices:write', 'payments:read'];
    const person = await world.addBrowsing('member');
    const role = await giveRole(world.service, person, scopes);
    const token = await issue({ scopes, owner: person.id });
    await world.service.call('PATCH', `/v1/roles/${role}`, {
      secret: world.workspace.live.secret,
      json: { scopes: ['invoices:read'] },
    });
    const { page, text } = await openPage(person, `/live/tokens/${token.id}`);
    expect(text).toContain('A token never has more than its owner’s roles grant');
    const fact = (name: string) => page.locator('.facts > div').filter({ has: page.getByText(name, { exact: true }) });
    expect(await fact('Now').textContent()).toBe('Nowinvoices:read');
    expect(await fact('Cut off by its owner').textContent()).toBe('Cut off by its ownerinvoices:writepayments:read');
    expect(await fact('Owner').textContent()).toBe('OwnerYou');
  });

  test('shows names and notes as text, whatever is in them', async () => {
    const token = await issue({
      name: HOSTILE.long,
      description: HOSTILE.markup + HOSTILE.direction,
      metadata: { [HOSTILE.markup]: HOSTILE.markup, long: { [HOSTILE.long]: [HOSTILE.long, HOSTILE.markup] } },
    });
    const named = await issue({ name: HOSTILE.markup, owner: member.id });
    const visitor = await world.visit(owner, { width: 360 });
    for (const { id } of [token, named]) {
      for (const below of ['', '/edit', '/rotate', '/reassign', '/revoke']) {
        await visitor.page.goto(`/live/tokens/${id}${below}`);
        await visitor.page.getByRole('heading', { level: 1 }).waitFor();
        expect(await visitor.page.locator('img, main script').count()).toBe(0);
        await expectFine(visitor);
      }
    }
  });

  test('offers what the member may do with the token as it is', async () => {
    const token = await issue({ owner: member.id });
    const path = `/live/tokens/${token.id}`;
    expect(await actionsFor(owner, path)).toEqual(['Edit token', 'Rotate token', 'Reassign token', 'Revoke token']);
    expect(await actionsFor(member, path)).toEqual(['Edit token', 'Rotate token', 'Revoke token']);
    expect(await actionsFor(auditor, path)).toEqual([]);
    await revoke(token.id);
    expect(await actionsFor(owner, path)).toEqual(['Edit token', 'Delete token']);
    expect(await actionsFor(member, path)).toEqual(['Edit token', 'Delete token']);
  });

  test('is complete for a member whose own it is, without what others did', async () => {
    const token = await issue({ owner: member.id });
    await introspect(token.secret, '192.0.2.7');
    await awaitUse(token.id);
    const visitor = await openPage(member, `/live/tokens/${token.id}`);
    expect(visitor.text).toContain('192.0.2.7');
    expect(visitor.text).not.toContain('What happened');
    expect(visitor.text).toContain(world.workspace.live.id);
    expect(visitor.text).not.toContain('live (API key)');
    await expectFine(visitor);
  });
});

describe('the pages about a token', () => {
  const pages = ['', '/edit', '/rotate', '/finish-rotation', '/revoke', '/delete'];

  test.each(pages)('are not there for a member who does not own it: %s', async (below) => {
    const token = await issue();
    const { status, text } = await world.ask(`/live/tokens/${token.id}${below}`, { cookie: world.cookieOf(member) });
    expect(status).toBe(404);
    expect(text).not.toContain(token.name);
  });

  test.each([...pages, '/reassign'])(
    'are not there in the other environment, nor for another workspace: %s',
    async (below) => {
      const token = await issue();
      for (const [environment, person] of [
        ['test', owner],
        ['live', stranger],
      ] as const) {
        const { status } = await world.ask(`/${environment}/tokens/${token.id}${below}`, {
          cookie: world.cookieOf(person),
        });
        expect(status).toBe(404);
      }
    },
  );

  test.each(['/edit', '/rotate', '/finish-rotation', '/revoke', '/delete', '/reassign'])(
    'that change it are not for auditors: %s',
    async (below) => {
      const token = await issue();
      const { status } = await world.ask(`/live/tokens/${token.id}${below}`, { cookie: world.cookieOf(auditor) });
      expect(status).toBe(403);
    },
  );
});
