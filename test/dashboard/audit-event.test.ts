import { describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { createAuditWorld, HOSTILE_NAMES, somebody } from './audit-world.ts';
import { csrfIn, expectFine } from './world.ts';

const { service, workspace, happen, addBrowsing, visit, ask, cookieOf } = await createAuditWorld();
const owner = await addBrowsing('owner');
const auditor = await addBrowsing('auditor');
const tokenId = newId('tkn', service.context);
const token = { type: 'token', id: tokenId, name: 'billing export' } as const;
const ada = { type: 'member', id: owner.id, name: 'Ada Lovelace' } as const;
const request = { id: 'req_17', method: 'PATCH', route: '/v1/tokens/{id}', ip: '192.0.2.44', userAgent: 'curl/8.5.0' };

const [first = '', changed = '', denied = '', last = ''] = await happen(
  { targets: [token], request },
  {
    action: 'token.updated',
    actor: ada,
    targets: [token],
    request,
    note: 'As agreed with finance on Monday',
    changes: [
      { field: 'name', old: 'billing', new: 'billing export', isPersonal: true },
      { field: 'scopes', old: ['invoices:read'], new: ['invoices:read', 'invoices:write', 'customers:read'] },
      { field: 'expires_at', old: null, new: '2027-01-31T00:00:00.000Z' },
    ],
  },
  {
    action: 'request.denied',
    outcome: 'denied',
    reason: 'insufficient_scope:tokens:write',
    actor: token,
    targets: [],
    aggregate: { count: 12, firstAt: new Date(Date.now() - 60_000), lastAt: new Date() },
  },
  { action: 'member.signed_in', actor: ada, targets: [], request },
);

const pathOf = (id: string) => `/live/audit-log/${id}`;
const show = (id: string, person = owner) => ask(pathOf(id), { cookie: cookieOf(person) });

/** What people read, without tags. */
const textOf = (html: string) =>
  html
    .replaceAll(/<details[\s\S]*?<\/details>/g, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ');

describe('an event', () => {
  test('is told as a sentence, with who, what, when, from where and why', async () => {
    const text = textOf((await show(changed)).text);
    expect(text).toContain('Ada Lovelace changed token billing export : name, scopes, expires at');
    for (const said of ['token.updated', 'Success', '192.0.2.44', 'curl/8.5.0', 'PATCH /v1/tokens/{id}', 'req_17']) {
      expect(text).toContain(said);
    }
    expect(text).toContain('As agreed with finance on Monday');
  });

  test('shows each changed field before and after', async () => {
    const visitor = await visit(owner);
    await visitor.page.goto(pathOf(changed));
    const table = visitor.page.getByRole('table', { name: 'What changed' });
    const rows = await table.getByRole('row').allInnerTexts();
    expect(rows.map((row) => row.split(/\s*[\t\n]\s*/).filter(Boolean))).toEqual([
      ['Field', 'Before', 'After'],
      ['name', 'billing', 'billing export'],
      ['scopes', 'invoices:read', 'invoices:read', 'invoices:write', 'customers:read'],
      ['expires at', 'none', '2027-01-31T00:00:00.000Z'],
    ]);
    await expectFine(visitor);
  });

  test('that stands for several says how many, and from when to when', async () => {
    const text = textOf((await show(denied)).text);
    expect(text).toContain('it lacks the scope tokens:write , 12 times');
    expect(text).toContain('Stands for 12 alike, from');
  });

  test('leads to what it is about, to what is alike, and to those before and after it', async () => {
    const { text } = await show(changed);
    for (const path of [
      `/live/members/${owner.id}`,
      `/live/tokens/${tokenId}`,
      `/live/audit-log?actor=${owner.id}`,
      `/live/audit-log?target=${tokenId}`,
      '/live/audit-log?ip=192.0.2.44',
      '/live/audit-log?request_id=req_17',
      pathOf(first),
      pathOf(denied),
      `/live/audit-log/erase?type=member&amp;id=${owner.id}`,
    ]) {
      expect(text).toContain(`href="${path}"`);
    }
    expect((await show(last)).text).not.toContain('neighbour-after');
  });

  test('does not lead an auditor where it may not go', async () => {
    const { status, text } = await show(changed, auditor);
    expect(status).toBe(200);
    expect(text).toContain('Ada Lovelace');
    expect(text).not.toContain(`/live/members/${owner.id}`);
    expect(text).not.toContain('/audit-log/erase');
  });

  test('says which checkpoint covers it, and who signed that', async () => {
    await ask(`${pathOf(changed)}/proof.json`, { cookie: cookieOf(owner) });
    const text = textOf((await show(changed)).text);
    expect(text).toContain('Covered by a signed checkpoint');
    expect(text).toMatch(/Checkpoint of \d+ events, signed just now/);
    expect(text).toContain(`/logs/${workspace.id}`);
    expect(text).toContain('no witness');
  });

  test('that no checkpoint covers yet says so', async () => {
    const [id = ''] = await happen({});
    expect(textOf((await show(id)).text)).toContain('Not signed yet');
  });

  test('is nobody else’s: not a member’s, not another environment’s, not another workspace’s', async () => {
    expect((await show(changed, await addBrowsing('member'))).status).toBe(403);
    const elsewhere = await addBrowsing('owner', { workspace: await service.addWorkspace('Elsewhere') });
    for (const rest of ['', '/proof.json', '/proof.tlog-proof', '/introspections/0/proof.json']) {
      const cookie = cookieOf(elsewhere);
      expect((await ask(pathOf(changed) + rest, { cookie })).status, rest).toBe(404);
    }
    expect((await ask(`/test/audit-log/${changed}`, { cookie: cookieOf(owner) })).status).toBe(404);
    expect((await show('evt_nothing')).status).toBe(404);
  });

  test.each(HOSTILE_NAMES)('with the name %s is told with that name as text', async (name) => {
    const actor = { ...ada, name };
    const [id = ''] = await happen({
      action: 'token.updated',
      actor,
      targets: [{ ...token, name }],
      note: name,
      changes: [{ field: 'description', old: name, new: `${name}!`, isPersonal: true }],
      request: { ...request, userAgent: name },
    });
    for (const window of [{ width: 1280 }, { width: 360, colorScheme: 'dark' } as const]) {
      const visitor = await visit(owner, window);
      const { page } = visitor;
      await page.goto(pathOf(id));
      await page.getByRole('button', { name: 'Verify in the browser' }).click();
      await page.getByText('The event holds').waitFor();
      for (const details of await page.locator('details').all()) await details.locator('summary').click();
      expect(await page.getByRole('link', { name, exact: true }).first().isVisible()).toBe(true);
      expect(await page.title()).not.toBe('1');
      await expectFine(visitor);
    }
  });
});

describe('without scripts', () => {
  test('an event is shown whole, and its proof can be taken away', async () => {
    const { page } = await visit(owner, { javaScriptEnabled: false });
    await page.goto(pathOf(changed));
    expect(await page.locator('noscript > p').isVisible()).toBe(true);
    expect(await page.getByRole('button', { name: 'Verify in the browser' }).isVisible()).toBe(false);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'As tlog-proof' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`${changed}.tlog-proof`);
  });
});

describe('erasing personal data', () => {
  const address = '198.51.100.23';

  test('says what would go, then lets it go, and the events say so and still hold', async () => {
    const [seen = ''] = await happen({ actor: somebody, targets: [token], request: { ...request, ip: address } });
    const visitor = await visit(owner);
    const { page } = visitor;
    await page.goto(pathOf(seen));
    await page.getByRole('link', { name: 'Erase personal data' }).first().click();
    expect(await page.getByLabel('Address, id or name').inputValue()).toBe(address);
    await expectFine(visitor);
    await page.getByLabel('Reason').fill('Request of 1 March');
    await page.getByRole('button', { name: 'See what would be erased' }).click();
    await page.getByText('1, which lose 1 pieces of personal data').waitFor();
    await expectFine(visitor);
    expect(textOf((await show(seen)).text)).toContain(address);
    await page.getByRole('button', { name: 'Erase for good' }).click();
    await page.getByText('1 piece of personal data erased from 1 event; this event says so.').waitFor();
    expect(await page.locator('main').textContent()).not.toContain(address);
    await expectFine(visitor);

    await page.goto(pathOf(seen));
    expect(await page.locator('main').textContent()).not.toContain(address);
    expect(await page.getByText('Personal data of this event has been erased.').isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Verify in the browser' }).click();
    await page.getByText('The event holds').waitFor();
    expect(await page.getByText('nothing is left but the hash: where it came from').isVisible()).toBe(true);
    await expectFine(visitor);
  });

  test('of a name takes the values of personal fields with it', async () => {
    const erased = { ...token, id: newId('tkn', service.context) };
    const changes = [{ field: 'name', old: 'Ada’s laptop', new: 'laptop', isPersonal: true }];
    const [id = ''] = await happen({ action: 'token.updated', actor: ada, targets: [erased], changes });
    await erase({ type: 'token', subject: erased.id });
    const visitor = await visit(owner, { width: 360, colorScheme: 'dark' });
    await visitor.page.goto(pathOf(id));
    expect(await visitor.page.getByRole('table').textContent()).toMatch(/nameerasederased$/);
    expect(await visitor.page.locator('main').textContent()).not.toContain('laptop');
    await expectFine(visitor);
  });

  test('asks for an address that is one, and keeps what was typed', async () => {
    const visitor = await visit(owner, { width: 360 });
    visitor.expectStatus(422);
    const { page } = visitor;
    await page.goto('/live/audit-log/erase');
    await page.getByLabel('Address, id or name').fill('192.0.2.999');
    await page.getByLabel('Reason').fill('They asked');
    await page.getByRole('button', { name: 'See what would be erased' }).click();
    await page.getByText('This must be an IP address such as 192.0.2.1.').waitFor();
    expect(await page.getByLabel('Address, id or name').inputValue()).toBe('192.0.2.999');
    expect(await page.getByLabel('Reason').inputValue()).toBe('They asked');
    await expectFine(visitor);
  });

  test('refuses a reason that repeats the address', async () => {
    const { status, text } = await erase({ type: 'source', subject: address, reason: `Forget ${address}` });
    expect(status).toBe(422);
    expect(text).toContain('must not repeat the address');
  });

  test('takes a fresh proof of who asks', async () => {
    const stale = await addBrowsing('owner', { authenticatedSecondsAgo: 3_600 });
    const { status, text } = await erase({ type: 'source', subject: address }, stale);
    expect(status).toBe(401);
    expect(text).toContain('Confirm that it is you');
  });

  test('is not for auditors', async () => {
    expect((await ask('/live/audit-log/erase', { cookie: cookieOf(auditor) })).status).toBe(403);
    expect((await ask('/live/audit-log', { cookie: cookieOf(auditor) })).status).toBe(200);
  });

  async function erase(fields: Record<string, string>, person = owner) {
    const cookie = cookieOf(person);
    const { text } = await ask('/live/audit-log/erase', { cookie });
    return ask('/live/audit-log/erase', { cookie, form: { csrf: csrfIn(text), is_confirmed: 'yes', ...fields } });
  }
});
