import { describe, expect, test } from 'vitest';
import { idToUuid, type TokenId } from '../../src/lib/ids.ts';
import type { TestWorkspace } from '../support/service.ts';
import { type BrowsingPerson, createDashboardWorld, expectFine } from './world.ts';

const world = await createDashboardWorld();
const { service, workspace } = world;
const owner = await world.addBrowsing('owner');
const ada = await world.addBrowsing('member', { scopes: ['invoices:write'] });
const project = await make('/v1/projects', { name: 'Data warehouse' });
const role = await make('/v1/roles', { name: 'bookkeeper', scopes: ['invoices:write'] });
const billing = await issue({
  name: 'billing export',
  description: 'Nightly, to the warehouse',
  scopes: ['invoices:read'],
  project_id: project,
  expires_in: 1_000_000,
});
const deploy = await issue({ name: 'ci deploy', scopes: ['a:x', 'b:x', 'c:x', 'd:x', 'e:x'] });
const partner = await issue({ name: 'partner', role, owner: ada.id, not_before: '2999-01-01T00:00:00Z' });
await service.call('POST', `/v1/tokens/${deploy}/revoke`, { secret: workspace.live.secret, json: {} });

async function make(path: string, json: object): Promise<string> {
  const { body } = await service.call('POST', path, { secret: workspace.live.secret, json });
  return (body as { id: string }).id;
}

async function issue(json: object, { live }: TestWorkspace = workspace): Promise<TokenId> {
  const { body } = await service.call('POST', '/v1/tokens', { secret: live.secret, json });
  return (body as { token: { id: TokenId } }).token.id;
}

/** The ids of the tokens that a page lists, in its order. */
async function listed(person: BrowsingPerson, path: string): Promise<string[]> {
  const { status, text } = await world.ask(path, { cookie: world.cookieOf(person) });
  expect(status).toBe(200);
  return [...text.matchAll(/href="\/live\/tokens\/(tkn_[0-9a-z]+)"/g)].map(([, id]) => id ?? '');
}

describe('the list of tokens', () => {
  test('shows them newest first, with what they can do, whose they are, and times that are exact as well', async () => {
    const sql = service.context.db.$client;
    await sql`insert into credential_uses (credential_id, last_used_at, last_used_from)
      values (${idToUuid(billing)}, now() - interval '5 days 1 hour', '192.0.2.7')`;
    const visitor = await world.visit(owner);
    const { page } = visitor;
    await page.goto('/live/tokens');
    const rows = page.getByRole('table', { name: 'Tokens, newest first' }).locator('tbody tr');
    expect(await rows.getByRole('link').allTextContents()).toEqual(['partner', 'ci deploy', 'billing export']);
    const texts = (await rows.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '));
    expect(texts[0]).toMatch(/Not yet valid Role bookkeeper member \w+ .*Never Never/);
    expect(texts[1]).toMatch(/Revoked a:x b:x c:x \+2 .*Never Never/);
    expect(texts[2]).toMatch(
      /^billing export Nightly, to the warehouse tkn_live_\w{4}…\w{4} Active invoices:read Data warehouse .*in 11 days \d.* UTC 5 days ago \d.* UTC/,
    );
    await expectFine(visitor);
    await rows.getByRole('link', { name: 'billing export' }).click();
    await page.waitForURL(`**/live/tokens/${billing}`);
  });

  test('is narrowed down as one types, and the address says by what', async () => {
    const visitor = await world.visit(owner);
    const { page } = visitor;
    await page.goto('/live/tokens');
    await page.getByLabel('Name contains').pressSequentially('BILL');
    const links = page.locator('tbody').getByRole('link');
    await expect.poll(() => links.allTextContents()).toEqual(['billing export']);
    expect(page.url()).toMatch(/\/live\/tokens\?name=BILL$/);
    await page.getByLabel('Status').selectOption('Revoked');
    await page.getByText('No token matches').waitFor();
    expect(page.url()).toMatch(/\?name=BILL&status=revoked$/);
    await page.reload();
    expect(await page.getByLabel('Name contains').inputValue()).toBe('BILL');
    expect(await page.getByLabel('Status').inputValue()).toBe('revoked');
    await page.getByRole('link', { name: 'clear them' }).click();
    await expect.poll(() => links.count()).toBe(3);
    await visitor.expectClean();
  });

  test('is narrowed down without scripts', async () => {
    const { page } = await world.visit(owner, { javaScriptEnabled: false });
    await page.goto('/live/tokens');
    await page.getByText('More filters').click();
    await page.getByLabel('Project').selectOption('Data warehouse');
    await page.getByRole('button', { name: 'Filter' }).click();
    expect(await page.locator('tbody').getByRole('link').allTextContents()).toEqual(['billing export']);
    expect(await page.getByLabel('Project').inputValue()).toBe(project);
  });

  test.each([
    ['status=active', () => [billing]],
    ['status=active,not_yet_valid', () => [partner, billing]],
    ['scope=invoices:read', () => [partner, billing]],
    ['scope=b:x', () => [deploy]],
    [`role=${role}`, () => [partner]],
    [`owner=${ada.id}`, () => [partner]],
    [`project_id=${project}`, () => [billing]],
    [`created_by=${workspace.live.id}`, () => [partner, deploy, billing]],
    ['expires_before=2999-12-31', () => [billing]],
    ['expires_before=2999-12-31T00:00:00.000Z', () => [billing]],
    ['unused_since=2001-01-01', () => []],
    ['name=&status=&utm_source=mail', () => [partner, deploy, billing]],
  ])('takes %s in its address', async (query, expected) => {
    expect(await listed(owner, `/live/tokens?${query}`)).toEqual(expected());
  });

  test.each([
    ['status=gone', '“Status” must name active'],
    ['scope=invoices', '“Can do” must have the form resource:action'],
    ['role=bookkeeper', '“Role” must be an id that starts with role_'],
    ['expires_before=soon', '“Expires before” must be an RFC 3339 time'],
    [`name=${'x'.repeat(129)}`, '“Name contains” must have at most 128 characters'],
    ['cursor=nonsense', 'The cursor is not from this list'],
  ])('says what is wrong with %s, and shows nothing instead', async (query, message) => {
    const { status, text } = await world.ask(`/live/tokens?${query}`, { cookie: world.cookieOf(owner) });
    expect(status).toBe(200);
    expect(text).toContain(message);
    expect(text).not.toContain('<tbody>');
  });
});

describe('a list that is longer than its page', () => {
  test('is gone through by its cursor, with its filters', async () => {
    const many = await service.addWorkspace('Many');
    const admin = await world.addBrowsing('admin', { workspace: many });
    const issued = await Promise.all(
      Array.from({ length: 52 }, (_, n) => issue({ name: `bulk ${n}`, scopes: ['a:x'] }, many)),
    );
    await issue({ name: 'other', scopes: ['a:x'] }, many);
    const visitor = await world.visit(admin);
    const { page } = visitor;
    await page.goto('/live/tokens?name=bulk');
    const links = page.locator('tbody').getByRole('link');
    const first = await links.evaluateAll((all: { pathname: string }[]) => all.map(({ pathname }) => pathname));
    await page.getByRole('link', { name: 'Older' }).click();
    const back = page.getByRole('link', { name: 'Back to the newest' });
    await back.waitFor();
    const second = await links.evaluateAll((all: { pathname: string }[]) => all.map(({ pathname }) => pathname));
    expect([...first, ...second].sort()).toEqual(issued.map((id) => `/live/tokens/${id}`).sort());
    expect(await page.getByRole('link', { name: 'Older' }).count()).toBe(0);
    await back.click();
    await page.waitForURL('**/live/tokens?name=bulk');
    await visitor.expectClean();
  });
});

describe('a list without tokens', () => {
  test('says what they are for, and leads to issuing one', async () => {
    const visitor = await world.visit(owner, { width: 360, colorScheme: 'dark' });
    const { page } = visitor;
    await page.goto('/test/tokens');
    await page.getByText('No tokens in the test environment yet').waitFor();
    await expectFine(visitor);
    await page.locator('#results').getByRole('link', { name: 'Issue token' }).click();
    await page.waitForURL('**/test/tokens/new');
  });
});

describe('a member without further access', () => {
  test('sees its own tokens and no others, however it asks, and is told so', async () => {
    const visitor = await world.visit(ada, { width: 360 });
    const { page } = visitor;
    await page.goto('/live/tokens');
    await page.getByText('You see nobody else’s').waitFor();
    expect(await page.getByLabel('Owner').count()).toBe(0);
    await expectFine(visitor);
    for (const query of ['', `?owner=${owner.id}`, `?project_id=${project}`, '?name=billing', '?status=revoked']) {
      const ids = await listed(ada, `/live/tokens${query}`);
      expect(ids).toEqual(query === '' ? [partner] : []);
    }
  });

  test('is offered the roles that it holds, and no addresses of others', async () => {
    const { text } = await world.ask('/live/tokens', { cookie: world.cookieOf(ada) });
    expect(text).not.toContain(owner.email);
    expect(text).not.toContain('bookkeeper</option>');
  });
});

test('an auditor sees all tokens, and nothing to change them by', async () => {
  const auditor = await world.addBrowsing('auditor');
  expect(await listed(auditor, '/live/tokens')).toEqual([partner, deploy, billing]);
  const { text } = await world.ask('/live/tokens', { cookie: world.cookieOf(auditor) });
  expect(text).not.toContain('/live/tokens/new');
});

test('a list never has tokens of another workspace or environment', async () => {
  const other = await service.addWorkspace('Other');
  const stranger = await world.addBrowsing('owner', { workspace: other });
  for (const query of ['', `?project_id=${project}`, `?owner=${ada.id}`, `?created_by=${workspace.live.id}`]) {
    expect(await listed(stranger, `/live/tokens${query}`)).toEqual([]);
  }
});

describe('hostile names', () => {
  test.each(['<img src=x onerror=alert(1)>', '"><script>alert(1)</script>', '\u202egnp.exe \u2066x', 'w'.repeat(128)])(
    'are text that breaks nothing: %s',
    async (name) => {
      const hostile = await service.addWorkspace(`Hostile ${name}`.slice(0, 60));
      const admin = await world.addBrowsing('admin', { workspace: hostile });
      await issue({ name, scopes: [`${'s'.repeat(100)}:x`] }, hostile);
      const visitor = await world.visit(admin, { colorScheme: 'dark' });
      const { page } = visitor;
      await page.goto(`/live/tokens?${new URLSearchParams({ name })}`);
      expect(await page.locator('tbody').getByRole('link').textContent()).toBe(name);
      expect(await page.locator('main img, main script').count()).toBe(0);
      expect(await page.getByLabel('Name contains').inputValue()).toBe(name);
      await expectFine(visitor);
    },
  );
});
