import { generateSync } from 'otplib';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { NOBODYS_CODE, PASSWORD } from '../support/people.ts';
import { type BrowsingPerson, createDashboardWorld, csrfIn, expectFine, SESSION_COOKIE } from './world.ts';

/** Moved by hand: a code of each step is good once, and nobody waits for the next. */
const time = { now: new Date() };
const clock = { now: () => time.now, monotonicMs: () => performance.now() };
const world = await createDashboardWorld({}, { clock });

function nextStep(): void {
  time.now = new Date(time.now.getTime() + 30_000);
}

/** What an app that was told `secret` shows now. */
function codeOf(secret: string): string {
  return generateSync({ secret, epoch: Math.floor(time.now.getTime() / 1000) });
}

/** Turns the second factor on by the pages, and returns what the app and the member then have. */
async function enrol(page: Page): Promise<{ readonly secret: string; readonly codes: readonly string[] }> {
  await page.goto('/live/account');
  await page.getByRole('link', { name: 'Turn on second factor' }).click();
  await page.getByLabel('Your password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Show the QR code' }).click();
  const secret = (await page.locator('.copyable code').textContent()) ?? '';
  await page.getByLabel('Code that the app shows now').fill(codeOf(secret));
  await page.getByRole('button', { name: 'Turn on second factor' }).click();
  await page.getByRole('heading', { name: 'The second factor is on' }).waitFor();
  return { secret, codes: ((await page.locator('.secret code').textContent()) ?? '').split('\n') };
}

/** Signs in with the password, up to where the code is asked for. */
async function givePassword(page: Page, { email }: BrowsingPerson): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Second factor' }).waitFor();
}

async function giveCode(page: Page, code: string): Promise<void> {
  await page.getByLabel('Code').fill(code);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in');
}

describe('turning the second factor on', () => {
  test('shows a QR code and the key once, takes a code, and shows recovery codes once', async () => {
    const person = await world.addBrowsing('member');
    const visitor = await world.visit(person);
    const { page } = visitor;
    visitor.expectStatus(401);
    await page.goto('/live/account/totp');
    await expectFine(visitor);
    await page.getByLabel('Your password').fill('not my password at all');
    await page.getByRole('button', { name: 'Show the QR code' }).click();
    await page.locator('#field-proof_password-problem').waitFor();
    expect(await page.content()).not.toContain('not my password at all');
    await page.getByLabel('Your password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Show the QR code' }).click();
    const image = page.getByRole('img', { name: /QR code/ });
    expect(await image.evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth > 0)).toBe(
      true,
    );
    const secret = (await page.locator('.copyable code').textContent()) ?? '';
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    await expectFine(visitor);
    await page.getByLabel('Code that the app shows now').fill('12');
    await page.getByRole('button', { name: 'Turn on second factor' }).click();
    await page.locator('#field-code-problem').waitFor();
    expect(await page.content()).not.toContain(secret);
    await expectFine(visitor);
    await page.getByLabel('Code that the app shows now').fill(codeOf(secret));
    await page.getByRole('button', { name: 'Turn on second factor' }).click();
    await page.getByRole('heading', { name: 'The second factor is on' }).waitFor();
    const codes = ((await page.locator('.secret code').textContent()) ?? '').split('\n');
    expect(new Set(codes).size).toBe(10);
    await expectFine(visitor);
    await page.getByRole('link', { name: 'I have stored them' }).click();
    await page.waitForURL('**/live/account');
    expect(await page.getByText('You have 10 unused codes.').count()).toBe(1);
    expect(await page.content()).not.toContain(codes[0]);
    await expectFine(visitor);
    nextStep();
  });

  test('takes the password once, also of somebody who proved itself long ago', async () => {
    const person = await world.addBrowsing('member', { authenticatedSecondsAgo: 1_000 });
    const visitor = await world.visit(person, { javaScriptEnabled: false });
    const { page } = visitor;
    const { codes } = await enrol(page);
    expect(codes).toHaveLength(10);
    const held = (await page.context().cookies()).find(({ name }) => name === SESSION_COOKIE)?.value;
    expect(held).not.toBe(person.cookie);
    expect((await world.ask('/live/account', { cookie: world.cookieOf(person) })).status).toBe(303);
    nextStep();
  });
});

describe('signing in with a second factor', () => {
  test('takes the code of the app, once', async () => {
    const person = await world.addBrowsing('member');
    const visitor = await world.visit(person);
    const { page } = visitor;
    const { secret } = await enrol(page);
    await signOut(page);
    nextStep();
    await givePassword(page, person);
    await expectFine(visitor);
    await giveCode(page, codeOf(secret));
    await page.waitForURL('**/live/overview');
    await signOut(page);
    visitor.expectStatus(401);
    await givePassword(page, person);
    await giveCode(page, codeOf(secret));
    expect(await page.getByRole('alert').textContent()).toContain('not right');
    nextStep();
    await giveCode(page, codeOf(secret));
    await page.waitForURL('**/live/overview');
  });

  test('takes each recovery code once, and new ones end the old ones', async () => {
    const person = await world.addBrowsing('member');
    const visitor = await world.visit(person);
    const { page } = visitor;
    visitor.expectStatus(401);
    const { secret, codes } = await enrol(page);
    await signOut(page);
    await givePassword(page, person);
    await giveCode(page, codes[0] ?? '');
    await page.waitForURL('**/live/overview');
    await page.goto('/live/account');
    expect(await page.getByText('You have 9 unused codes.').count()).toBe(1);
    await signOut(page);
    await givePassword(page, person);
    await giveCode(page, codes[0] ?? '');
    expect(await page.getByRole('alert').textContent()).toContain('not right');
    await giveCode(page, codes[1] ?? '');
    await page.waitForURL('**/live/overview');
    await page.goto('/live/account/recovery-codes');
    await expectFine(visitor);
    nextStep();
    await page.getByLabel('Code').fill(codeOf(secret));
    await page.getByRole('button', { name: 'Make new codes' }).click();
    await page.getByRole('heading', { name: 'New recovery codes' }).waitFor();
    const renewed = ((await page.locator('.secret code').textContent()) ?? '').split('\n');
    await signOut(page);
    await givePassword(page, person);
    await giveCode(page, codes[2] ?? '');
    expect(await page.getByRole('alert').textContent()).toContain('not right');
    await giveCode(page, renewed[0] ?? '');
    await page.waitForURL('**/live/overview');
  });

  test('is over after five wrong codes, the right one too', async () => {
    const person = await world.addBrowsing('member');
    const visitor = await world.visit(person, { javaScriptEnabled: false });
    const { page } = visitor;
    const { secret } = await enrol(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    nextStep();
    await givePassword(page, person);
    for (let n = 0; n < 5; n += 1) await giveCode(page, NOBODYS_CODE);
    await giveCode(page, codeOf(secret));
    expect(page.url()).not.toContain('/live/');
    expect(await page.getByRole('alert').textContent()).toMatch(/not right|Too many failures/);
    await page.goto('/sign-in');
    await page.getByLabel('Email').fill(person.email);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('Too many failures in a row. Try again in');
  });
});

test('a sign-in that waits for its code ends with all other sessions', async () => {
  const person = await world.addBrowsing('member');
  const visitor = await world.visit(person);
  const { secret } = await enrol(visitor.page);
  nextStep();
  const elsewhere = await world.visit(undefined);
  elsewhere.expectStatus(401);
  await givePassword(elsewhere.page, person);
  await visitor.page.goto('/live/account/sessions/end-others');
  await visitor.page.getByRole('button', { name: 'End all others' }).click();
  await visitor.page.getByRole('status').waitFor();
  await giveCode(elsewhere.page, codeOf(secret));
  expect(await elsewhere.page.getByRole('alert').textContent()).toContain('not right');
  await visitor.page.goto('/live/account');
  expect(await visitor.page.getByRole('row').count()).toBe(2);
});

describe('turning the second factor off', () => {
  test('takes both factors, ends every session, and leaves the password', async () => {
    const person = await world.addBrowsing('member');
    const visitor = await world.visit(person);
    const { page } = visitor;
    visitor.expectStatus(401);
    const { secret } = await enrol(page);
    nextStep();
    await page.goto('/live/account/totp/disable');
    await expectFine(visitor);
    await page.getByLabel('Your password').fill(PASSWORD);
    await page.getByLabel('Code', { exact: true }).fill(NOBODYS_CODE);
    await page.getByRole('button', { name: 'Turn off second factor' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('The password or the code is not right.');
    await page.getByLabel('Your password').fill(PASSWORD);
    await page.getByLabel('Code', { exact: true }).fill(codeOf(secret));
    await page.getByRole('button', { name: 'Turn off second factor' }).click();
    await page.waitForURL('**/sign-in');
    expect(await page.getByRole('status').textContent()).toContain('The second factor is off, and every session over');
    expect((await world.ask('/live/account', { cookie: world.cookieOf(person) })).status).toBe(303);
    await page.getByLabel('Email').fill(person.email);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/live/overview');
  });

  test('and making codes are no use without one', async () => {
    const person = await world.addBrowsing('auditor');
    const visitor = await world.visit(person);
    const { page } = visitor;
    for (const path of ['totp/disable', 'recovery-codes']) {
      await page.goto(`/live/account/${path}`);
      expect(await page.locator('main').textContent()).toContain('You have no second factor');
      await expectFine(visitor);
    }
    const cookie = world.cookieOf(person);
    const csrf = csrfIn((await world.ask('/live/account', { cookie })).text);
    const form = { csrf, proof_password: PASSWORD, code: NOBODYS_CODE };
    for (const path of ['totp/disable', 'recovery-codes', 'totp/enable']) {
      const { status } = await world.ask(`/live/account/${path}`, { cookie, form });
      expect(status).toBe(409);
    }
  });
});
