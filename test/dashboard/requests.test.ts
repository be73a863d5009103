import { beforeAll, expect, test } from 'vitest';
import { deleteApiKey } from '../../src/keys/delete.ts';
import { createDashboardWorld, expectFine } from './world.ts';

const world = await createDashboardWorld();
const { service, visit, ask, cookieOf, workspace } = world;
const auditor = await world.addBrowsing('auditor');
const owner = await world.addBrowsing('owner');

const HOSTILE_AGENTS = [
  '<img src=x onerror="document.title=1">',
  '"><script>document.title=1</script>',
  'x'.repeat(500),
];

async function issue(name: string): Promise<{ id: string; secret: string }> {
  const json = { name, scopes: ['tokens:read'] };
  const { body } = await service.call('POST', '/v1/tokens', { secret: workspace.live.secret, json });
  return { id: body.token.id, secret: body.secret };
}

beforeAll(async () => {
  const token = await issue('reader <b>');
  await service.call('GET', '/v1/tokens', { secret: token.secret, address: '198.51.100.7' });
  await service.call('DELETE', '/v1/tokens/tkn_01kav3c4r8e0jbwn7sgm5zkqd2', { secret: token.secret });
  await service.call('GET', '/v1/tokens', { secret: workspace.test.secret });
  for (const agent of HOSTILE_AGENTS) {
    await service.call('GET', '/v1/whoami', { secret: workspace.live.secret, headers: { 'user-agent': agent } });
  }
});

test('a call is shown with method, route, status, caller, source, duration and exact time', async () => {
  const visitor = await visit(owner);
  const { page } = visitor;
  await page.goto('/live/requests?method=POST');
  const row = page.locator('.calls tbody tr');
  expect(await row.count()).toBe(1);
  expect(await row.getByRole('rowheader').textContent()).toMatch(/^POST \/v1\/tokensreq_\w+$/);
  const cells = await row.getByRole('cell').allTextContents();
  expect(cells[0]).toBe('201');
  expect(cells[1]).toBe('live API key');
  expect(cells[2]).toContain('127.0.0.1');
  expect(cells[3]).toMatch(/^[\d,]+ ms$/);
  expect(cells[4]).toMatch(/\d+ \w{3} \d{4}, \d\d:\d\d UTC$/);
  expect(await row.getByRole('link', { name: 'live' }).getAttribute('href')).toBe(`/live/keys/${workspace.live.id}`);
  await expectFine(visitor);
});

test('a call leads to what it did, in the audit log', async () => {
  const { page } = await visit(auditor);
  await page.goto('/live/requests?method=POST');
  await page.getByTitle('What this call did, in the audit log').click();
  await page.waitForURL('**/audit-log?request_id=req_*');
  expect(await page.locator('.events tbody tr').count()).toBe(1);
  expect(await page.locator('.events tbody').textContent()).toContain('issued token reader <b>');
});

test.each([
  ['status=4xx', 1],
  ['status=201', 1],
  ['route=%2Fv1%2Ftokens', 2],
  ['route=%2Fv1%2Ftokens&method=GET', 1],
  ['ip=198.51.100.7', 1],
  ['since=2199-01-01', 0],
  ['until=2001-01-01', 0],
  [`principal=key_01kav3c4r8e0jbwn7sgm5zkqd2`, 0],
])('%s narrows it down to %d', async (query, count) => {
  const { text } = await ask(`/live/requests?${query}`, { cookie: cookieOf(auditor) });
  expect(text.match(/class="call-said"/g)?.length ?? 0).toBe(count);
  if (count === 0) expect(text).toContain('No call matches these filters');
});

test('filters apply as one types, and stand in the address', async () => {
  const visitor = await visit(auditor);
  const { page } = visitor;
  await page.goto('/live/requests');
  await page.getByLabel('Status').selectOption('4xx, refused');
  await page.waitForURL('**/requests?status=4xx');
  expect(await page.locator('.calls tbody tr').count()).toBe(1);
  await page.getByLabel('Source address').fill('nowhere');
  await page.getByRole('alert').getByText('“Source address” must be an IP address').waitFor();
  await page.reload();
  expect(await page.getByLabel('Source address').inputValue()).toBe('nowhere');
  await expectFine(visitor);
  await page.goto('/live/requests?since=2026-02-02&until=2026-01-01');
  expect(await page.getByRole('alert').textContent()).toContain('“To” must not be before “From”');
  await page.goto('/live/requests?cursor=made-up');
  expect(await page.getByRole('alert').textContent()).toContain('cursor');
});

test('work without scripts', async () => {
  const { page } = await visit(auditor, { javaScriptEnabled: false });
  await page.goto('/live/requests');
  await page.getByLabel('Method').selectOption('DELETE');
  await page.getByRole('button', { name: 'Filter' }).click();
  expect(await page.locator('.calls tbody tr').count()).toBe(1);
});

test('an environment has its own calls', async () => {
  const { text } = await ask('/test/requests', { cookie: cookieOf(auditor) });
  expect(text.match(/class="call-said"/g)).toHaveLength(1);
});

test('older calls are behind the pager, with the same filters', async () => {
  const other = await service.addWorkspace('busy');
  const reader = await world.addBrowsing('admin', { workspace: other });
  for (let n = 0; n < 52; n += 1) await service.call('GET', '/v1/whoami', { secret: other.live.secret });
  const { page } = await visit(reader);
  await page.goto('/live/requests?method=GET');
  expect(await page.locator('.calls tbody tr').count()).toBe(50);
  await page.getByRole('link', { name: 'Older' }).click();
  await page.waitForURL('**cursor=**');
  expect(await page.locator('.calls tbody tr').count()).toBe(2);
  await page.getByRole('link', { name: 'Back to the newest' }).click();
  await page.waitForURL('**/requests?method=GET');
});

test('a caller that is gone goes by its id, without a way to it', async () => {
  const other = await service.addWorkspace('gone');
  const reader = await world.addBrowsing('owner', { workspace: other });
  await service.call('GET', '/v1/whoami', { secret: other.live.secret });
  const principal = { kind: 'system', workspaceId: other.id, environment: 'live' } as const;
  const request = { id: 'test', method: 'CLI', route: 'test', ip: null, userAgent: null };
  await deleteApiKey(service.context, { principal, request }, other.live.id);
  const { page } = await visit(reader);
  await page.goto('/live/requests');
  const caller = page.locator('.call-who').first();
  expect(await caller.textContent()).toContain(other.live.id);
  expect(await caller.getByRole('link').count()).toBe(0);
});

test('an auditor, who may not see keys, gets their names without a way to them', async () => {
  const { text } = await ask('/live/requests?method=POST', { cookie: cookieOf(auditor) });
  expect(text).toContain('<bdi>live</bdi>');
  expect(text).not.toContain('/live/keys/');
});

test('an empty log says what will be in it, and for how long it is kept', async () => {
  const other = await service.addWorkspace('quiet');
  const reader = await world.addBrowsing('owner', { workspace: other });
  const visitor = await visit(reader);
  await visitor.page.goto('/live/requests');
  await visitor.page.getByText('No calls in the live environment yet').waitFor();
  expect(await visitor.page.getByText('Calls are kept for 30 days.').count()).toBe(1);
  await expectFine(visitor);
});

test('who may not read it does not see the way to it, and is refused', async () => {
  const member = await world.addBrowsing('member');
  const { text } = await ask('/live/tokens', { cookie: cookieOf(member) });
  expect(text).not.toContain('/live/requests');
  expect((await ask('/live/requests', { cookie: cookieOf(member) })).status).toBe(403);
});

test('nobody sees the calls of another workspace', async () => {
  const other = await service.addWorkspace('elsewhere');
  const stranger = await world.addBrowsing('owner', { workspace: other });
  const { text } = await ask('/live/requests', { cookie: cookieOf(stranger) });
  expect(text).not.toContain('class="call-said"');
});

test.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 360],
  ['dark', 360],
] as const)('what clients call themselves is text and fits: %s, %d px', async (colorScheme, width) => {
  const visitor = await visit(owner, { colorScheme, width });
  const { page } = visitor;
  await page.goto('/live/requests');
  for (const agent of HOSTILE_AGENTS) expect(await page.getByText(agent, { exact: true }).count()).toBe(1);
  expect(await page.title()).toBe('Requests · Northwind');
  await expectFine(visitor);
});
