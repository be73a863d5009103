import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { signOut } from '../../src/identity/sessions/own.ts';
import { readExport } from '../audit/export/world.ts';
import { createAuditWorld, HOSTILE_NAMES } from './audit-world.ts';
import { type BrowsingPerson, csrfIn, expectFine } from './world.ts';

const world = await createAuditWorld();
const { happen, issued, visit, ask, cookieOf } = world;
const { context } = world.service;
const auditor = await world.addBrowsing('auditor');
const EXPORT = '/live/audit-log/export';

beforeAll(async () => {
  await happen(issued('billing export'), { action: 'request.denied', outcome: 'denied', reason: 'forbidden' });
});

async function exportsLogged(): Promise<number> {
  const [row] = await context.db.$client`
    select count(*)::int as n from audit_leaves where action = 'audit_log.exported'`;
  return row?.n;
}

async function csrfOf(person: BrowsingPerson): Promise<string> {
  return csrfIn((await ask(EXPORT, { cookie: cookieOf(person) })).text);
}

test('an auditor takes the filters of the list along and downloads an export that verifies, which is an event', async () => {
  const visitor = await visit(auditor);
  const { page } = visitor;
  await page.goto('/live/audit-log?outcome=denied');
  await page.getByRole('link', { name: 'Export' }).click();
  await page.waitForURL(`**${EXPORT}?outcome=denied`);
  expect(await page.getByLabel('Outcome').inputValue()).toBe('denied');
  expect(await page.getByRole('radio', { name: /^NDJSON/ }).isChecked()).toBe(true);
  await expectFine(visitor);
  const before = await exportsLogged();
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download export' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(new RegExp(`^audit-log_${world.workspace.id}_\\d+-\\d+\\.ndjson$`));
  const { header, events } = readExport(await readFile(await download.path()));
  expect(header.filters).toEqual({ outcome: ['denied'] });
  expect(events.map(({ event }) => event)).toEqual([expect.objectContaining({ action: 'request.denied' })]);
  expect(await exportsLogged()).toBe(before + 1);
  await page.goto('/live/audit-log');
  const row = page.locator('.events tbody tr').first();
  expect(await row.getByRole('rowheader').textContent()).toContain(`${auditor.name} exported the audit log as NDJSON`);
});

test('the page stays, and can download again', async () => {
  const { page } = await visit(auditor);
  await page.goto(EXPORT);
  for (const [format, extension] of [
    [/^CSV/, '.csv'],
    [/^OCSF/, '.ocsf.ndjson'],
  ] as const) {
    await page.getByRole('radio', { name: format }).check();
    const sent = () => page.evaluate<string | undefined>(`document.querySelector('form[data-download]').dataset.sent`);
    await expect.poll(sent, { timeout: 10_000 }).toBeUndefined();
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download export' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toContain(extension);
    expect((await readFile(await download.path(), 'utf8')).length).toBeGreaterThan(0);
  }
});

test.each([
  ['ndjson', 'application/x-ndjson'],
  ['csv', 'text/csv; charset=utf-8; header=present'],
  ['ocsf', 'application/x-ndjson'],
])('%s is sent as a file that no cache keeps, also without scripts', async (format, type) => {
  const form = { csrf: await csrfOf(auditor), format };
  const { status, headers, text } = await ask(EXPORT, { cookie: cookieOf(auditor), form });
  expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([200, type, 'no-store']);
  expect(headers.get('content-disposition')).toMatch(/^attachment; filename="audit-log_[\w.-]+"$/);
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(text).toContain('billing export');
});

test('nothing is exported by looking at the page, or by a form from elsewhere', async () => {
  const before = await exportsLogged();
  const cookie = cookieOf(auditor);
  expect((await ask(`${EXPORT}?format=csv`, { cookie })).headers.get('content-type')).toContain('text/html');
  expect((await ask(EXPORT, { cookie, form: { format: 'csv' } })).status).toBe(403);
  const member = await world.addBrowsing('member');
  const form = { csrf: await csrfOf(member), format: 'csv' };
  expect((await ask(EXPORT, { cookie: cookieOf(member), form })).status).toBe(403);
  expect(await exportsLogged()).toBe(before);
});

test('what is wrong is said at its field, and what was typed stays', async () => {
  const visitor = await visit(auditor);
  const { page } = visitor;
  await page.goto(EXPORT);
  await page.getByLabel('From').fill('last week');
  await page.getByLabel('Target').fill(HOSTILE_NAMES[0]);
  await page.getByLabel('Size of a checkpoint').fill('999999');
  await page.getByRole('radio', { name: /^CSV/ }).check();
  visitor.expectStatus(422);
  await page.getByRole('button', { name: 'Download export' }).click();
  await page.getByText('must be a day such as 2026-11-22').waitFor();
  expect(await page.getByLabel('Target').inputValue()).toBe(HOSTILE_NAMES[0]);
  expect(await page.getByRole('radio', { name: /^CSV/ }).isChecked()).toBe(true);
  await expectFine(visitor);
  await page.getByLabel('From').fill('');
  await page.getByLabel('Target').fill('');
  await page.getByRole('button', { name: 'Download export' }).click();
  await page.getByText('must not be larger than').waitFor();
  expect(await page.getByLabel('Size of a checkpoint').inputValue()).toBe('999999');
});

test('too many exports are refused in words, with what was filled in', async () => {
  const { limits } = context;
  const { workspaceId } = auditor;
  while (limits.exports.take(workspaceId));
  const form = { csrf: await csrfOf(auditor), format: 'csv', q: 'kept' };
  const { status, text } = await ask(EXPORT, { cookie: cookieOf(auditor), form });
  expect(status).toBe(429);
  expect(text).toContain('That was too much at once');
  expect(text).toContain('value="kept"');
});

test('an export breaks off when its reader signs out, and is not taken for a whole one', async () => {
  const other = await world.service.addWorkspace('long log');
  const reader = await world.addBrowsing('owner', { workspace: other });
  for (let n = 0; n < 4; n += 1) {
    await happen(...Array.from({ length: 100 }, () => ({ ...issued('x'.repeat(100)), workspaceId: other.id })));
  }
  const app = createApp(context);
  const headers = { host: 'localhost', origin: 'http://localhost', cookie: cookieOf(reader) };
  const body = new URLSearchParams({ csrf: await csrfOf(reader), format: 'ndjson' });
  const response = await app.request(EXPORT, { method: 'POST', headers, body });
  const pieces = response.body?.getReader();
  expect((await pieces?.read())?.done).toBe(false);
  const principal = {
    kind: 'member',
    ...reader,
    environment: 'live',
    scopes: [],
    authenticatedAt: context.clock.now(),
  } as const;
  await signOut(context, {
    principal,
    request: { id: 'x', method: 'POST', route: '/sign-out', ip: null, userAgent: null },
  });
  await expect(
    (async () => {
      while ((await pieces?.read())?.done === false);
    })(),
  ).rejects.toThrow('may not read it any more');
});

test.each([
  ['light', 1280],
  ['dark', 360],
] as const)('the page is fine: %s, %d px', async (colorScheme, width) => {
  const visitor = await visit(auditor, { colorScheme, width });
  await visitor.page.goto(`${EXPORT}?action=token.*&since=2026-11-01`);
  await expectFine(visitor);
});
