import { expect, test } from 'vitest';
import { PASSWORD } from '../support/people.ts';
import { type BrowsingPerson, createDashboardWorld, csrfIn, expectFine, SESSION_COOKIE } from './world.ts';

const world = await createDashboardWorld();
const { service } = world;
const LONG_AGO = { authenticatedSecondsAgo: 601 };
const CIDRS = '192.0.2.0/24\n127.0.0.1';

async function keysNamed(name: string): Promise<number> {
  const rows = await service.context.db.$client`select from api_keys where name = ${name}`;
  return rows.length;
}

/** The form for a key as `person` gets it, to be sent as often as one likes. */
async function newKeyForm(person: BrowsingPerson, name: string) {
  const { text } = await world.ask('/live/keys/new', { cookie: world.cookieOf(person) });
  const once = /name="once" value="([^"]+)"/.exec(text)?.[1] ?? '';
  return { csrf: csrfIn(text), once, name, expiry: 'never' };
}

test.each([{ javaScriptEnabled: true }, { javaScriptEnabled: false }])(
  'whoever proved itself long ago is asked for the password, and loses nothing that was typed (%j)',
  async (options) => {
    const name = `after a while ${options.javaScriptEnabled}`;
    const person = await world.addBrowsing('owner', LONG_AGO);
    const visitor = await world.visit(person, options);
    const { page } = visitor;
    visitor.expectStatus(401);
    await page.goto('/live/keys/new');
    await page.getByLabel('Name').fill(name);
    await page.getByRole('radio', { name: /^30 days/ }).check();
    await page.getByLabel('Allowed addresses').fill(CIDRS);
    await page.getByRole('button', { name: 'Create API key' }).click();
    await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor();
    expect(await keysNamed(name)).toBe(0);
    expect(await page.getByRole('link', { name: 'Cancel' }).getAttribute('href')).toBe('/live/keys/new');
    if (options.javaScriptEnabled) await expectFine(visitor);
    await page.getByLabel('Your password').fill('some other words of mine');
    await page.getByRole('button', { name: 'Confirm and go on' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('This password or code is not right.');
    expect(await page.content()).not.toContain('some other words of mine');
    expect(await keysNamed(name)).toBe(0);
    await page.getByLabel('Your password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Confirm and go on' }).click();
    await page.getByRole('heading', { name: 'API key created' }).waitFor();
    expect(await page.content()).not.toContain(PASSWORD);
    const [key] = await service.context.db.$client`
      select allowed_cidrs, round(extract(epoch from expires_at - created_at) / 86400)::int as days
      from api_keys where name = ${name}`;
    expect(key).toMatchObject({ allowed_cidrs: ['192.0.2.0/24', '127.0.0.1/32'], days: 30 });

    const held = (await page.context().cookies()).find((cookie) => cookie.name === SESSION_COOKIE)?.value;
    expect(held).toBeDefined();
    expect(held).not.toBe(person.cookie);
    expect((await world.ask('/live/keys', { cookie: world.cookieOf(person) })).status).toBe(303);
    expect((await world.ask('/live/keys', { cookie: `${SESSION_COOKIE}=${held}` })).status).toBe(200);
    // The proof is fresh now.
    await page.goto('/live/keys/new');
    await page.getByLabel('Name').fill(`${name}, again`);
    await page.getByRole('button', { name: 'Create API key' }).click();
    await page.getByRole('heading', { name: 'API key created' }).waitFor();
  },
);

test('a form that makes sense only with a proof does nothing without one, whatever else it holds', async () => {
  const person = await world.addBrowsing('admin', LONG_AGO);
  const form = await newKeyForm(person, 'unproven');
  for (const proof of [{}, { proof_password: '' }, { proof_password: ' ' }, { proof_code: '' }]) {
    const { status, headers } = await world.ask('/live/keys/new', {
      cookie: world.cookieOf(person),
      form: { ...form, ...proof },
    });
    expect(status).toBe(401);
    expect(headers.getSetCookie().some((cookie) => cookie.startsWith(`${SESSION_COOKIE}=`))).toBe(false);
  }
  expect(await keysNamed('unproven')).toBe(0);
});

test('wrong proofs count: after five of them not even the right one is taken', async () => {
  const person = await world.addBrowsing('owner', LONG_AGO);
  const form = await newKeyForm(person, 'guessed');
  const send = (proof_password: string) =>
    world.ask('/live/keys/new', { cookie: world.cookieOf(person), form: { ...form, proof_password } });
  for (let n = 0; n < 5; n += 1) expect((await send(`wrong guess ${n}`)).status).toBe(401);
  expect((await send(PASSWORD)).text).toContain('Too many failures in a row');
  expect(await keysNamed('guessed')).toBe(0);
  const { secret } = await world.addBrowsing('auditor');
  const locked = async () =>
    (await service.call('GET', '/v1/audit-log?action=member.locked', { secret })).body.data.length;
  await expect.poll(locked).toBe(1);
});

test('the proof of one session opens nothing in another', async () => {
  const person = await world.addBrowsing('owner', LONG_AGO);
  const other = await world.addBrowsing('owner');
  const form = await newKeyForm(person, 'borrowed');
  const { status } = await world.ask('/live/keys/new', { cookie: world.cookieOf(other), form });
  expect(status).toBe(403);
  expect(await keysNamed('borrowed')).toBe(0);
});
