import { expect, onTestFinished, test } from 'vitest';
import { newVisitor, openBrowser } from '../support/browser.ts';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { PASSWORD } from '../support/people.ts';
import { startService } from '../support/service-process.ts';
import { createDashboardWorld, expectFine } from './world.ts';

const world = await createDashboardWorld();
const CHOSEN = 'seven brown owls at noon';

/** A link for `email`, as an owner gets it who invites somebody. */
async function invite(email: string): Promise<string> {
  const owner = await world.addBrowsing('owner');
  const json = { email, name: 'Grace <b>Hopper</b>', access: 'member' };
  const { body } = await world.service.call('POST', '/v1/members/invitations', { secret: owner.secret, json });
  const { pathname, hash } = new URL(String(body.link.url));
  return pathname + hash;
}

test('the first owner comes from the link of the first start to a page that says what to do first', async () => {
  const database = await createTestDatabase();
  const service = await startService({
    DATABASE_URL: databaseUrl(database.owner),
    TOOKEN_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  });
  onTestFinished(async () => void (await service.stop()));
  const browser = await openBrowser();
  onTestFinished(() => browser.close());
  const visitor = await newVisitor(browser, { baseUrl: service.url });
  const { page } = visitor;
  const { pathname, hash } = new URL(service.setUpLink ?? '');
  await page.goto(pathname + hash);
  await page.getByRole('heading', { name: 'Set up Tooken' }).waitFor();
  expect(page.url()).toBe(`${service.url}/link`);
  await expectFine(visitor);
  await page.getByLabel('Email').fill('ada@example.com');
  await page.getByLabel('Your name').fill('Ada Lovelace');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByLabel('The same once more').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.waitForURL('**/sign-in');
  await page.getByLabel('Email').fill('ada@example.com');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/live/overview');
  await expectFine(visitor);
  expect(await page.getByRole('heading', { name: 'Welcome, Ada Lovelace' }).count()).toBe(1);
  expect(service.output()).not.toContain(PASSWORD);
}, 60_000);

test('somebody invited joins by the link, which then is used up and is in no address', async () => {
  const link = await invite('grace@example.com');
  const visitor = await world.visit(undefined);
  const { page } = visitor;
  const addresses: string[] = [];
  page.on('request', (request) => addresses.push(request.url()));
  await page.goto(link);
  await page.getByRole('heading', { name: 'Join' }).waitFor();
  await expectFine(visitor);
  expect(await page.locator('main').textContent()).toContain('You were invited to Northwind.');
  expect(await page.getByLabel('Your name').inputValue()).toBe('Grace <b>Hopper</b>');
  await page.getByLabel('Password').fill(CHOSEN);
  await page.getByLabel('The same once more').fill('seven brown owls at night');
  visitor.expectStatus(422, 401);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByText('not the same as the password above').waitFor();
  await expectFine(visitor);
  expect(await page.getByLabel('Your name').inputValue()).toBe('Grace <b>Hopper</b>');
  await page.getByLabel('Password').fill('password1234');
  await page.getByLabel('The same once more').fill('password1234');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.locator('.field-wrong').waitFor();
  await page.getByLabel('Password').fill(CHOSEN);
  await page.getByLabel('The same once more').fill(CHOSEN);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.waitForURL('**/sign-in');
  expect(await page.getByRole('status').textContent()).toContain('Your password is set');
  await page.goto(link);
  await page.getByText('This link does not work').waitFor();
  await expectFine(visitor);
  // The fragment is no part of a request.
  const secret = link.split('#')[1] ?? '';
  expect(addresses.filter((address) => address.replace(/#.*/, '').includes(secret))).toEqual([]);
});

test('without scripts the link is pasted into the page', async () => {
  const link = await invite('jean@example.com');
  const { page } = await world.visit(undefined, { javaScriptEnabled: false, width: 360 });
  await page.goto(link);
  await page.getByLabel('The link, or what follows the # in it').fill(`${world.url}${link}`);
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByLabel('Password').fill(CHOSEN);
  await page.getByLabel('The same once more').fill(CHOSEN);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.waitForURL('**/sign-in');
});
