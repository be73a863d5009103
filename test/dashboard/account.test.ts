import { describe, expect, test } from 'vitest';
import { idToUuid } from '../../src/lib/ids.ts';
import { PASSWORD } from '../support/people.ts';
import { HOSTILE } from './one-token.ts';
import { type BrowsingPerson, createDashboardWorld, csrfIn, expectFine, SESSION_COOKIE } from './world.ts';

const world = await createDashboardWorld();
const { service } = world;
const sql = service.context.db.$client;

const WINDOWS = [{}, { width: 360, colorScheme: 'dark' }] as const;
const NEW_PASSWORD = 'four other words entirely';

/** A browser that `person` signs in with by hand. */
async function signIn(person: BrowsingPerson, password = PASSWORD) {
  const visitor = await world.visit(undefined);
  const { page } = visitor;
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/live/overview');
  return visitor;
}

describe('the account', () => {
  test.each(['owner', 'member', 'auditor'] as const)('of somebody who is %s says who that is', async (access) => {
    const person = await world.addBrowsing(access, { scopes: ['invoices:write', 'payments:read'] });
    for (const window of WINDOWS) {
      const visitor = await world.visit(person, window);
      const { page } = visitor;
      await page.goto('/live/account');
      const facts = (await page.locator('.facts').first().textContent()) ?? '';
      for (const text of [person.name, person.email, 'invoices:write', 'invoices:read']) expect(facts).toContain(text);
      await expectFine(visitor);
    }
  });

  test.each(Object.values(HOSTILE))('of somebody called %j shows that as text', async (name) => {
    const person = await world.addBrowsing('member');
    await sql`update members set name = ${name} where email = ${person.email}`;
    await sql`update sessions set user_agent = ${name} where member_id = (select id from members where email = ${person.email})`;
    for (const window of WINDOWS) {
      const visitor = await world.visit(person, window);
      await visitor.page.goto('/live/account');
      await expectFine(visitor);
      expect(await visitor.page.locator('img, main script').count()).toBe(0);
      expect(await visitor.page.locator('main').textContent()).toContain(name);
    }
  });
});

describe('changing the password', () => {
  test('ends every other session, and goes on here under another cookie', async () => {
    const person = await world.addBrowsing('member');
    const other = await signIn(person);
    const visitor = await world.visit(person);
    const { page } = visitor;
    await page.goto('/live/account/password');
    await expectFine(visitor);
    await page.getByLabel('Present password').fill(PASSWORD);
    await page.getByLabel('New password').fill(NEW_PASSWORD);
    await page.getByLabel('The new one once more').fill(NEW_PASSWORD);
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.waitForURL('**/live/account');
    expect(await page.getByRole('status').textContent()).toContain(
      'Your password is changed. Every other session is over, effective on 1 of 1 replica.',
    );
    await expectFine(visitor);
    const cookies = await page.context().cookies();
    expect(cookies.find(({ name }) => name === SESSION_COOKIE)?.value).not.toBe(person.cookie);
    expect((await world.ask('/live/account', { cookie: world.cookieOf(person) })).status).toBe(303);
    await other.page.getByRole('link', { name: 'Tokens', exact: true }).click();
    await other.page.waitForURL('**/sign-in?**');
    expect((await service.call('GET', '/v1/whoami', { secret: person.secret })).status).toBe(401);
    await signIn(person, NEW_PASSWORD);
  });

  test('tells which field is wrong, changes nothing, and shows no password again', async () => {
    const person = await world.addBrowsing('member');
    const visitor = await world.visit(person, { javaScriptEnabled: false });
    const { page } = visitor;
    visitor.expectStatus(401, 422);
    await page.goto('/live/account/password');
    const send = async (current: string, next: string, again = next) => {
      await page.getByLabel('Present password').fill(current);
      await page.getByLabel('New password').fill(next);
      await page.getByLabel('The new one once more').fill(again);
      await page.getByRole('button', { name: 'Change password' }).click();
      await page.getByRole('alert').waitFor();
      for (const typed of [current, next, again]) expect(await page.content()).not.toContain(typed);
    };
    await send('something wrong altogether', NEW_PASSWORD);
    expect(await page.locator('#field-current_password-problem').textContent()).toContain('not your present password');
    await send(PASSWORD, 'tooshort');
    expect(await page.locator('#field-new_password-problem').textContent()).toContain('12');
    await send(PASSWORD, NEW_PASSWORD, 'four other words entirely!');
    expect(await page.locator('#field-again-problem').textContent()).toContain('not the same');
    await send(PASSWORD, PASSWORD);
    expect(await page.locator('#field-new_password-problem').textContent()).toContain('must not be the current one');
    await signIn(person);
  });

  test('is refused after five wrong guesses in a row, the right password too', async () => {
    const person = await world.addBrowsing('member');
    const cookie = world.cookieOf(person);
    const csrf = csrfIn((await world.ask('/live/account/password', { cookie })).text);
    const send = (current_password: string) =>
      world.ask('/live/account/password', {
        cookie,
        form: { csrf, current_password, new_password: NEW_PASSWORD, again: NEW_PASSWORD },
      });
    for (let n = 0; n < 4; n += 1) expect((await send(`wrong guess ${n}`)).status).toBe(401);
    const statuses = [(await send('wrong guess 4')).status, (await send(PASSWORD)).status];
    expect(statuses.at(-1)).toBe(423);
  });
});

describe('ending sessions', () => {
  test('ends the one that is chosen, whose browser is signed out at its next click', async () => {
    const person = await world.addBrowsing('member');
    const other = await signIn(person);
    const third = await signIn(person);
    const visitor = await world.visit(person);
    const { page } = visitor;
    await page.goto('/live/account');
    const rows = page.getByRole('row').filter({ hasText: 'Chrome on Linux' });
    expect(await rows.count()).toBe(2);
    expect(await page.getByRole('row').filter({ hasText: 'This one' }).count()).toBe(1);
    // The newest is above.
    await rows.nth(1).getByRole('button', { name: 'End' }).click();
    await page.getByRole('status').waitFor();
    expect(await page.getByRole('status').textContent()).toContain('The session is over, effective on 1 of 1 replica.');
    await expectFine(visitor);
    await other.page.getByRole('link', { name: 'Tokens', exact: true }).click();
    await other.page.waitForURL('**/sign-in?**');
    await third.page.getByRole('link', { name: 'Tokens', exact: true }).click();
    await third.page.waitForURL('**/live/tokens');
  });

  test('ends all others, those of the API too, and goes on here', async () => {
    const person = await world.addBrowsing('member');
    const other = await signIn(person);
    const visitor = await world.visit(person);
    const { page } = visitor;
    await page.goto('/live/account');
    await page.getByRole('link', { name: 'End all others' }).click();
    await expectFine(visitor);
    await page.getByRole('button', { name: 'End all others' }).click();
    await page.getByRole('status').waitFor();
    expect(await page.getByRole('status').textContent()).toContain('2 other sessions are over, effective on 1 of 1');
    expect((await service.call('GET', '/v1/whoami', { secret: person.secret })).status).toBe(401);
    await other.page.getByRole('link', { name: 'Tokens', exact: true }).click();
    await other.page.waitForURL('**/sign-in?**');
    await page.getByRole('link', { name: 'Tokens', exact: true }).click();
    await page.waitForURL('**/live/tokens');
    const ended =
      await sql`select end_reason from sessions where member_id in (select id from members where email = ${person.email})`;
    expect(ended.map(({ end_reason }) => end_reason).sort()).toEqual(['ended', 'ended', null]);
  });

  test('ends all, and asks to sign in again', async () => {
    const person = await world.addBrowsing('member');
    const other = await signIn(person);
    const visitor = await world.visit(person);
    const { page } = visitor;
    await page.goto('/live/account/sessions/end-all');
    await expectFine(visitor);
    await page.getByRole('button', { name: 'End all sessions' }).click();
    await page.waitForURL('**/sign-in');
    expect(await page.getByRole('status').textContent()).toContain('All your sessions are over');
    await expectFine(visitor);
    const cookies = await page.context().cookies();
    expect(cookies.some(({ name }) => name === SESSION_COOKIE)).toBe(false);
    await other.page.getByRole('link', { name: 'Tokens', exact: true }).click();
    await other.page.waitForURL('**/sign-in?**');
  });

  test('of somebody else is impossible', async () => {
    const [person, victim] = [await world.addBrowsing('owner'), await world.addBrowsing('member')];
    const cookie = world.cookieOf(person);
    const csrf = csrfIn((await world.ask('/live/account', { cookie })).text);
    const path = `/live/account/sessions/${victim.sessionId}/end`;
    expect((await world.ask(path, { cookie, form: { csrf } })).status).toBe(404);
    expect((await world.ask('/live/account', { cookie: world.cookieOf(victim) })).status).toBe(200);
  });

  test('that have timed out is not offered', async () => {
    const person = await world.addBrowsing('member');
    const idle = await world.addBrowsing('member');
    await sql`update sessions set member_id = (select id from members where email = ${person.email}),
      last_seen_at = now() - interval '61 minutes' where id = ${idToUuid(idle.sessionId)}`;
    const visitor = await world.visit(person);
    await visitor.page.goto('/live/account');
    expect(await visitor.page.getByText('Timed out').count()).toBe(1);
    await expectFine(visitor);
  });
});
