import { describe, expect, test } from 'vitest';
import { idToUuid } from '../../src/lib/ids.ts';
import { secretIn, startMailbox } from '../http/mailbox.ts';
import { type BrowsingPerson, createDashboardWorld, csrfIn, expectFine } from './world.ts';

const mailbox = await startMailbox();
const world = await createDashboardWorld({}, { smtp: mailbox.smtp });
const { service, workspace, ask, cookieOf } = world;
const owner = await world.addBrowsing('owner');
const sql = service.context.db.$client;

await service.call('POST', '/v1/scopes', { secret: workspace.live.secret, json: { name: 'invoices:write' } });

async function issueFor(person: BrowsingPerson, name = 'ledger'): Promise<string> {
  const json = { name, scopes: ['invoices:write'], owner: person.id };
  const { body } = await service.call('POST', '/v1/tokens', { secret: workspace.live.secret, json });
  return String(body.secret);
}

/** What a service that is shown the token is told. */
async function introspect(token: string): Promise<Record<string, unknown>> {
  const { body } = await service.call('POST', '/v1/tokens/introspect', {
    secret: workspace.live.secret,
    json: { token },
  });
  return body;
}

const isActive = async (token: string) => (await introspect(token)).active;

const rename = (person: BrowsingPerson, name: string) =>
  sql`update members set name = ${name} where id = ${idToUuid(person.id)}`;

test('less access is felt at the next click of whoever has it', async () => {
  const admin = await world.addBrowsing('admin');
  const demoted = await world.visit(admin);
  await demoted.page.goto('/live/members');

  const visitor = await world.visit(owner);
  const { page } = visitor;
  await page.goto(`/live/members/${admin.id}`);
  await page.getByRole('link', { name: 'Edit member' }).click();
  await expectFine(visitor);
  await page.getByLabel('Auditor').check();
  await page.getByRole('button', { name: 'Save changes' }).click();
  await page.waitForURL(`**/members/${admin.id}`);
  expect(await page.getByRole('status').textContent()).toMatch(/is changed, effective on (\d+) of \1 replicas?\./);

  demoted.expectStatus(403);
  await demoted.page.getByRole('link', { name: 'Invite member' }).click();
  expect(await demoted.page.locator('main').textContent()).toContain('Your access does not cover this page');
  const menu = await demoted.page.getByRole('navigation', { name: 'Main' }).textContent();
  expect(menu).toContain('Audit log');
  expect(menu).not.toContain('Members');
});

test('taking a role away takes its scopes from the tokens before the page answers', async () => {
  const person = await world.addBrowsing('member', { scopes: ['invoices:write'] });
  const token = await issueFor(person);
  expect((await introspect(token)).scope).toContain('invoices:write');
  const { page } = await world.visit(owner, { javaScriptEnabled: false });
  await page.goto(`/live/members/${person.id}/edit`);
  expect(await page.locator('main').textContent()).toContain('This member owns 1 live token');
  await page.getByRole('checkbox', { checked: true }).uncheck();
  await page.getByRole('button', { name: 'Save changes' }).click();
  expect(await page.locator('main').textContent()).toContain('tokens of this member can do nothing');
  expect((await introspect(token)).scope).toBeUndefined();
});

test('removal says what ends, signs out, and leads to the tokens that are left', async () => {
  const leaver = await world.addBrowsing('member', { scopes: ['invoices:write'] });
  await rename(leaver, 'Lee Leaver');
  const token = await issueFor(leaver);
  const gone = await world.visit(leaver);
  await gone.page.goto('/live/tokens');

  const visitor = await world.visit(owner, { width: 360 });
  const { page } = visitor;
  await page.goto(`/live/members/${leaver.id}`);
  await page.getByRole('link', { name: 'Remove' }).click();
  const consequences = await page.locator('main').textContent();
  for (const text of ['2 sessions end', 'become inactive: 1 live', 'not revoked']) expect(consequences).toContain(text);
  expect(await isActive(token)).toBe(true);
  await expectFine(visitor);
  await page.getByRole('button', { name: 'Remove member' }).click();
  await page.waitForURL(`**/members/${leaver.id}`);
  expect(await page.getByRole('status').textContent()).toMatch(/“Lee Leaver” is removed, effective on (\d+) of \1/);
  expect(await isActive(token)).toBe(false);
  await expectFine(visitor);

  await gone.page.getByRole('link', { name: 'Overview' }).click();
  await gone.page.waitForURL('**/sign-in*');

  await page.getByRole('link', { name: 'Reassign live tokens' }).click();
  await page.waitForURL(`**/live/tokens?owner=${leaver.id}`);
  await page.getByRole('link', { name: 'ledger' }).waitFor();
});

test('the last owner stays one, and the form says why', async () => {
  const alone = await service.addWorkspace('Alone');
  const last = await world.addBrowsing('owner', { workspace: alone });
  const visitor = await world.visit(last);
  const { page } = visitor;
  visitor.expectStatus(409);
  await page.goto(`/live/members/${last.id}/edit`);
  await page.getByLabel('Name').fill('Somebody else');
  await page.locator('input[value="member"]').check();
  await page.getByRole('button', { name: 'Save changes' }).click();
  expect(await page.getByRole('alert').textContent()).toContain('Make somebody else an owner first');
  expect(await page.getByLabel('Name').inputValue()).toBe('Somebody else');
  await page.goto(`/live/members/${last.id}/remove`);
  await page.getByRole('button', { name: 'Remove member' }).click();
  expect(await page.getByRole('alert').textContent()).toContain('Make somebody else an owner first');
  await page.goto('/live/members');
  expect(await page.getByRole('table').textContent()).toContain('Owner');
});

test('an owner that makes itself a member is shown what is left', async () => {
  const former = await world.addBrowsing('owner');
  const visitor = await world.visit(former);
  const { page } = visitor;
  await page.goto(`/live/members/${former.id}/edit`);
  await page.locator('input[value="member"]').check();
  await page.getByRole('button', { name: 'Save changes' }).click();
  await page.waitForURL('**/live/overview');
  await expectFine(visitor);
  expect(await page.getByRole('navigation', { name: 'Main' }).textContent()).not.toContain('Members');
});

test('of two who edit a member at once, the second is shown what the first has changed before overwriting it', async () => {
  const person = await world.addBrowsing('member');
  const visitor = await world.visit(owner);
  const { page } = visitor;
  visitor.expectStatus(412);
  await page.goto(`/live/members/${person.id}/edit`);
  await service.call('PATCH', `/v1/members/${person.id}`, { secret: owner.secret, json: { name: 'The first name' } });
  await page.getByLabel('Name').fill('The second name');
  await page.getByRole('button', { name: 'Save changes' }).click();
  expect(await page.getByRole('alert').textContent()).toContain('Somebody has changed this');
  expect(await page.locator('main').textContent()).toContain('The first name');
  expect(await page.getByLabel('Name').inputValue()).toBe('The second name');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await page.getByRole('heading', { name: 'The second name' }).waitFor();
});

test('ending the sessions of a member signs it out, and leaves its tokens', async () => {
  const person = await world.addBrowsing('member', { scopes: ['invoices:write'] });
  const token = await issueFor(person);
  const { page } = await world.visit(owner);
  await page.goto(`/live/members/${person.id}`);
  await page.getByRole('link', { name: 'End sessions' }).click();
  expect(await page.locator('main').textContent()).toContain('2 sessions end');
  await page.getByRole('button', { name: 'End sessions' }).click();
  expect(await page.getByRole('status').textContent()).toMatch(/are over, effective on (\d+) of \1/);
  const { status, headers } = await ask('/live/tokens', { cookie: cookieOf(person) });
  expect([status, headers.get('location')?.split('?')[0]]).toEqual([303, '/sign-in']);
  expect(await isActive(token)).toBe(true);
});

test('a reset link sets a new password, and is for one person, who gets it by mail, too', async () => {
  const person = await world.addBrowsing('member');
  const visitor = await world.visit(owner, { javaScriptEnabled: false });
  const { page } = visitor;
  await page.goto(`/live/members/${person.id}`);
  await page.getByRole('link', { name: 'Make reset link' }).click();
  await page.getByRole('button', { name: 'Make reset link' }).click();
  expect(await page.locator('main').textContent()).toContain(`Send it to ${person.email} and to nobody else`);
  expect(await page.locator('main').textContent()).toContain(`A mail with the link is on its way to ${person.email}`);
  const link = (await page.locator('.secret code').textContent()) ?? '';
  const letter = await mailbox.until(person.email, /link#/);
  expect(link).toMatch(new RegExp(`#${secretIn(letter)}$`));
  const json = { token: link.split('#')[1], password: 'seven brown owls at noon' };
  expect((await service.call('POST', '/v1/auth/password/reset', { json })).status).toBe(200);
  expect((await ask('/live/tokens', { cookie: cookieOf(person) })).status).toBe(303);
});

describe('the list', () => {
  test('is narrowed down as one types, and by an address', async () => {
    const katherine = await world.addBrowsing('auditor');
    await rename(katherine, 'Katherine Johnson');
    const { page } = await world.visit(owner);
    await page.goto('/live/members');
    await page.getByLabel('Name or email').fill('KATHERINE j');
    await page.waitForURL('**/members?q=KATHERINE+j');
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
    await page.goto('/live/members?access=auditor');
    expect(await page.getByRole('table').textContent()).toContain('Katherine Johnson');
    expect(await page.getByRole('table').textContent()).not.toContain(owner.email);
    await page.goto('/live/members?q=nobody+at+all');
    expect(await page.locator('#results').textContent()).toContain('Nobody is like that');
  });

  test.each([
    ['access=king', 'The filter “access” must be one of owner'],
    ['role=nonsense', 'The filter “role” must be an id'],
    ['cursor=nonsense', 'leads to no place in this list'],
  ])('says what is wrong with ?%s', async (query, problem) => {
    const { status, text } = await ask(`/live/members?${query}`, { cookie: cookieOf(owner) });
    expect(status).toBe(200);
    expect(text).toContain(problem);
  });
});

test('names that want to be more than names are text, and break no page', async () => {
  const names = [
    '<img src=x onerror="document.title=1">',
    '"><script>document.title=1</script>',
    '\u202Egnp.eman \u200F\u05E9\u05DC\u05D5\u05DD',
    'x'.repeat(128),
  ];
  const people = await Promise.all(
    names.map(async (name) => {
      const person = await world.addBrowsing('member');
      await rename(person, name);
      return { id: person.id, name };
    }),
  );
  const visitor = await world.visit(owner, { width: 360 });
  const { page } = visitor;
  await page.goto('/live/members');
  for (const { name } of people) expect(await page.getByRole('link', { name, exact: true }).count()).toBe(1);
  await expectFine(visitor);
  for (const { id, name } of people) {
    await page.goto(`/live/members/${id}`);
    await expectFine(visitor);
    await page.getByRole('link', { name: 'Edit member' }).click();
    expect(await page.getByLabel('Name').inputValue()).toBe(name);
    await page.goto(`/live/members/${id}/remove`);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain(name);
    await page.getByRole('button', { name: 'Remove member' }).click();
    // Without what would turn the rest of the sentence round.
    const said = name.replace(/\p{Bidi_Control}/gu, '');
    expect(await page.getByRole('status').textContent()).toContain(`“${said}” is removed`);
    await expectFine(visitor);
  }
});

test('a form of one session is nothing in another', async () => {
  const person = await world.addBrowsing('member');
  const path = `/live/members/${person.id}/remove`;
  const other = await world.addBrowsing('owner');
  const { text } = await ask(path, { cookie: cookieOf(other) });
  const answer = await ask(path, { cookie: cookieOf(owner), form: { csrf: csrfIn(text) } });
  expect(answer.status).toBe(403);
  expect((await ask('/live/tokens', { cookie: cookieOf(person) })).status).toBe(200);
});
