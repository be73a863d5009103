import { beforeAll, describe, expect, test } from 'vitest';
import { erasePersonalData } from '../../src/introspection/erasure.ts';
import { ci, createAuditWorld, HOSTILE_NAMES, somebody } from './audit-world.ts';
import { expectFine } from './world.ts';

const world = await createAuditWorld();
const { happen, issued, visit, ask, cookieOf } = world;
const owner = await world.addBrowsing('owner');
const ada = { type: 'member', id: owner.id, name: 'Ada' } as const;

beforeAll(async () => {
  await happen(
    issued('billing export'),
    { action: 'member.sign_in_failed', outcome: 'failure', reason: 'password', actor: somebody, targets: [ada] },
    { action: 'request.denied', outcome: 'denied', reason: 'forbidden', actor: ada, targets: [] },
    ...HOSTILE_NAMES.map((name) => issued(name, { actor: { ...ci, name } })),
    issued('in test', { environment: 'test' }),
  );
});

/** The rows of a page without scripts: what they say, in their order. */
async function rowsOf(path: string): Promise<string[]> {
  const { text } = await ask(path, { cookie: cookieOf(owner) });
  const table = text.slice(text.indexOf('<tbody>', text.indexOf('class="events"')), text.indexOf('<template'));
  return [...table.matchAll(/<span class="sentence">(.*?)<\/span><\/a><code/g)].map(([, said = '']) =>
    said.replace(/<[^>]+>/g, ''),
  );
}

test('the list shows each event as a sentence, newest first, with outcome, actor, source and exact time', async () => {
  const [name] = await happen(issued('the newest'));
  const visitor = await visit(owner);
  const { page } = visitor;
  await page.goto('/live/audit-log');
  const row = page.locator('.events tbody tr').first();
  expect(await row.getByRole('rowheader').textContent()).toMatch(
    /^ci \(API key\) issued token the newest\s*token\.created$/,
  );
  const cells = await row.getByRole('cell').allInnerTexts();
  expect(cells.slice(0, 3)).toEqual(['Success', 'ci (API key)', '192.0.2.1']);
  expect(cells[3]).toMatch(/^just now\s+\d+ \w{3} \d{4}, \d\d:\d\d:\d\d UTC$/);
  await expectFine(visitor);
  expect(await row.getByRole('link', { name: 'the newest' }).getAttribute('href')).toBe(`/live/audit-log/${name}`);
});

describe('the filters', () => {
  const FILTERED: readonly [query: string, expected: (said: readonly string[]) => void][] = [
    ['action=memb', (said) => expect(said).toEqual([expect.stringContaining('failed to sign in as Ada')])],
    ['action=member.sign_in_f', (said) => expect(said).toEqual([expect.stringContaining('failed to sign in as Ada')])],
    ['action=member.*', (said) => expect(said).toEqual([expect.stringContaining('failed to sign in as Ada')])],
    [
      'action=token.created%20,%20request.denied&outcome=denied',
      (said) => expect(said).toEqual([expect.stringContaining('Ada was denied')]),
    ],
    ['outcome=denied,failure', (said) => expect(said).toHaveLength(2)],
    ['actor=anonymous', (said) => expect(said).toEqual([expect.stringContaining('Somebody')])],
    ['target=tkn_01kav3c4r8e0jbwn7sgm5zkqd2&outcome=denied', (said) => expect(said).toEqual([])],
    ['ip=192.0.2.1&actor=system', (said) => expect(said).toEqual([])],
    ['request_id=req-1&outcome=failure', (said) => expect(said).toHaveLength(1)],
    ['q=forbidden', (said) => expect(said).toEqual([expect.stringContaining('was denied')])],
    ['since=2199-01-01', (said) => expect(said).toEqual([])],
    ['until=2001-01-01T00:00:00Z', (said) => expect(said).toEqual([])],
  ];

  test.each(FILTERED)('%s', async (query, expected) => {
    expected(await rowsOf(`/live/audit-log?${query}`));
  });

  test('a day as end includes all of it, and as beginning too', async () => {
    const today = world.service.context.clock.now().toISOString().slice(0, 10);
    const all = await rowsOf('/live/audit-log');
    expect(await rowsOf(`/live/audit-log?since=${today}&until=${today}`)).toEqual(all);
  });

  test('an environment has its own events, and live those of the whole workspace', async () => {
    expect(await rowsOf('/test/audit-log')).toEqual(expect.arrayContaining(['ci (API key) issued token in test']));
    expect((await rowsOf('/live/audit-log')).join()).not.toContain('in test');
    expect((await rowsOf('/test/audit-log')).join()).not.toContain('created workspace');
  });

  test('they apply as one types, stand in the address, and are still there when that is opened', async () => {
    const visitor = await visit(owner);
    const { page } = visitor;
    await page.goto('/live/audit-log');
    await page.getByLabel('Outcome').selectOption('Failure');
    await page.waitForURL('**/audit-log?outcome=failure');
    expect(await page.locator('.events tbody tr').count()).toBe(1);
    await page.getByText('More filters').click();
    await page.getByLabel('Source address').fill('192.0.2.99');
    await page.getByText('No event matches these filters').waitFor();
    await page.reload();
    expect(await page.getByLabel('Source address').inputValue()).toBe('192.0.2.99');
    expect(await page.getByLabel('Outcome').inputValue()).toBe('failure');
    await expectFine(visitor);
    await page.getByRole('link', { name: 'show all events' }).click();
    await page.getByText('created workspace').waitFor();
  });

  test('work without scripts', async () => {
    const { page } = await visit(owner, { javaScriptEnabled: false });
    await page.goto('/live/audit-log');
    await page.getByLabel('Action').fill('request.denied');
    await page.getByRole('button', { name: 'Filter' }).click();
    expect(await page.locator('.events tbody tr').count()).toBe(1);
    expect(await page.getByRole('button', { name: 'Watch live' }).isVisible()).toBe(false);
  });

  test('one that means nothing is named, and what was typed stays', async () => {
    const visitor = await visit(owner);
    const { page } = visitor;
    await page.goto('/live/audit-log?since=yesterday&ip=home&actor=Ada');
    const told = await page.getByRole('alert').textContent();
    expect(told).toContain('“From” must be a day such as 2026-11-22');
    expect(told).toContain('“Source address” must be an IP address');
    expect(told).toContain('“Actor” must name ids');
    expect(await page.getByLabel('From').inputValue()).toBe('yesterday');
    await expectFine(visitor);
    await page.goto('/live/audit-log?since=2026-02-02&until=2026-01-01');
    expect(await page.getByRole('alert').textContent()).toContain('“To” must not be before “From”');
    await page.goto('/live/audit-log?cursor=made-up');
    expect(await page.getByRole('alert').textContent()).toContain('cursor');
  });
});

test('a click on an actor shows what it did', async () => {
  const { page } = await visit(owner);
  await page.goto('/live/audit-log?outcome=denied');
  await page.locator('.events tbody tr').first().getByRole('link', { name: 'Ada', exact: true }).click();
  await page.waitForURL(`**/audit-log?actor=${owner.id}`);
  expect(await page.getByLabel('Actor').inputValue()).toBe(owner.id);
});

test('the activity counts by outcome, and its table leads to the events of a day', async () => {
  const visitor = await visit(owner);
  const { page } = visitor;
  await page.goto('/live/audit-log');
  const chart = page.locator('.chart');
  expect(await chart.getByRole('img').getAttribute('aria-label')).toMatch(
    /Events per day: Success \d+, Denied 1, Failure 1/,
  );
  await chart.getByText('As a table').click();
  await chart.getByRole('link').last().click();
  const today = world.service.context.clock.now().toISOString().slice(0, 10);
  await page.waitForURL(`**/audit-log?since=${today}&until=${today}`);
  expect(await page.locator('.chart-title').textContent()).toBe('Events per hour');
  await page.getByLabel('Outcome').selectOption('Denied');
  await page.waitForURL('**outcome=denied**');
  expect(await chart.getByRole('img').getAttribute('aria-label')).toMatch(/Success 0, Denied 1, Failure 0/);
  await page.goto('/live/audit-log?actor=system');
  expect(await page.locator('.events tbody tr').count()).toBeGreaterThan(0);
  expect(await chart.count(), 'it is not counted by actor').toBe(0);
});

test('older events are behind the pager, with the same filters', async () => {
  const other = await world.service.addWorkspace('many events');
  const reader = await world.addBrowsing('auditor', { workspace: other });
  await happen(...Array.from({ length: 60 }, (_, n) => ({ ...issued(`token ${n}`), workspaceId: other.id })));
  const visitor = await visit(reader);
  const { page } = visitor;
  await page.goto('/live/audit-log?action=token.created');
  expect(await page.locator('.events tbody tr').count()).toBe(50);
  await page.getByRole('link', { name: 'Older' }).click();
  await page.waitForURL('**cursor=**');
  expect(await page.locator('.events tbody tr').count()).toBe(10);
  expect(await page.getByRole('button', { name: 'Watch live' }).count(), 'nothing new comes to an older page').toBe(0);
  await expectFine(visitor);
  await page.getByRole('link', { name: 'Back to the newest' }).click();
  await page.getByText('token 59').waitFor();
});

test('a list without events says why', async () => {
  const other = await world.service.addWorkspace('quiet');
  const reader = await world.addBrowsing('owner', { workspace: other });
  const { text } = await ask('/test/audit-log?until=2001-01-01', { cookie: cookieOf(reader) });
  expect(text).toContain('No event matches these filters');
});

test('personal data that was erased shows as erased', async () => {
  const [id] = await happen(
    issued('soon gone', { actor: { ...ci, id: 'key_01kav3c4r8e0jbwn7sgm5zkqd9', name: 'leaver' } }),
  );
  const principal = { kind: 'system', workspaceId: world.workspace.id, environment: 'live' } as const;
  const request = { id: 'test', method: 'CLI', route: 'test', ip: null, userAgent: null };
  await erasePersonalData(
    world.service.context,
    { principal, request },
    {
      subject: { type: 'api_key', id: 'key_01kav3c4r8e0jbwn7sgm5zkqd9' },
    },
  );
  const { page } = await visit(owner);
  await page.goto('/live/audit-log?actor=key_01kav3c4r8e0jbwn7sgm5zkqd9');
  const row = page.locator(`tr:has(a[href$="${id}"])`);
  expect(await row.getByRole('rowheader').textContent()).toContain('erased (API key) issued token soon gone');
});

test.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 360],
  ['dark', 360],
] as const)('hostile names are text and fit: %s, %d px', async (colorScheme, width) => {
  const visitor = await visit(owner, { colorScheme, width });
  const { page } = visitor;
  await page.goto('/live/audit-log?action=token.created');
  for (const name of HOSTILE_NAMES)
    expect(await page.getByText(name, { exact: true }).count(), name).toBeGreaterThan(0);
  expect(await page.title()).toBe('Audit log · Northwind');
  await expectFine(visitor);
});

test('who may not read the log does not see the way to it, and is refused', async () => {
  const member = await world.addBrowsing('member');
  const visitor = await visit(member);
  await visitor.page.goto('/live/tokens');
  expect(await visitor.page.getByRole('link', { name: 'Audit log' }).count()).toBe(0);
  for (const path of ['/live/audit-log', '/live/audit-log/export', '/live/audit-log/stream']) {
    expect((await ask(path, { cookie: cookieOf(member) })).status, path).toBe(403);
  }
  const auditor = await world.addBrowsing('auditor');
  expect((await ask('/live/audit-log', { cookie: cookieOf(auditor) })).status).toBe(200);
});

test('nobody reads the log of another workspace', async () => {
  const other = await world.service.addWorkspace('elsewhere');
  const stranger = await world.addBrowsing('owner', { workspace: other });
  const { text } = await ask('/live/audit-log', { cookie: cookieOf(stranger) });
  expect(text).toContain('elsewhere');
  expect(text).not.toContain('billing export');
});
