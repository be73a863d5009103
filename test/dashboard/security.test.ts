import { describe, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config/config.ts';
import { newId } from '../../src/lib/ids.ts';
import { PASSWORD } from '../support/people.ts';
import { createDashboardWorld, csrfIn, SESSION_COOKIE } from './world.ts';

const time = { now: new Date() };
const clock = { now: () => time.now, monotonicMs: () => performance.now() };
const world = await createDashboardWorld({}, { clock });
const { ask, cookieOf, addBrowsing, url, service } = world;

const HOUR_MS = 3_600_000;
const PAGES = [
  '/sign-in',
  '/forgotten',
  '/link',
  '/live/overview',
  '/live/overview?x=%00',
  '/live/nothing-here',
  '/live/nothing-here?x=%00',
  '/nothing-here',
];

/** The cookies that an answer sets, by name. */
function cookiesIn(headers: Headers): ReadonlyMap<string, string> {
  return new Map(headers.getSetCookie().map((line) => [line.slice(0, line.indexOf('=')), line]));
}

function valueIn(headers: Headers, name: string): string {
  return /^[^=]+=([^;]*)/.exec(cookiesIn(headers).get(name) ?? '')?.[1] ?? '';
}

/** Signs in as a browser does that may hold cookies already. */
async function signIn(email: string, held = '') {
  const page = await ask('/sign-in', { cookie: held });
  const visit = `tooken_visit=${valueIn(page.headers, 'tooken_visit')}`;
  return ask('/sign-in', {
    cookie: held === '' ? visit : `${held}; ${visit}`,
    form: { csrf: csrfIn(page.text), email, password: PASSWORD },
  });
}

describe('every page', () => {
  test.each(PAGES)('%s is kept out of frames, caches and other origins', async (path) => {
    const owner = await addBrowsing('owner');
    const { headers } = await ask(path, { cookie: cookieOf(owner) });
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('styles and scripts are kept for ever under a path that changes with them', async () => {
    const { text } = await ask('/sign-in');
    const path = /href="(\/assets\/[^"]+\.css)"/.exec(text)?.[1] ?? '';
    const { status, headers } = await ask(path);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    const ofOtherVersion = await ask(path.replace(/[0-9a-f]{32}/, '0'.repeat(32)));
    expect([ofOtherVersion.status, ofOtherVersion.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect((await ask(path.replace(/[0-9a-f]{32}/, 'x'))).status).toBe(404);
    expect((await ask(path.replace('dashboard.css', 'main.js'))).status).toBe(404);
  });

  test.each([
    ['http://localhost:8080', 'localhost:8080', 200],
    ['http://localhost:8080', '127.0.0.1:9999', 200],
    ['http://localhost:8080', '[::1]:8080', 200],
    ['http://localhost:8080', '192.0.2.7:8080', 403],
    ['http://localhost:8080', 'localhost.evil.example', 403],
    ['http://tooken.example', 'tooken.example', 403],
    ['http://tooken.example', 'localhost:8080', 403],
    ['https://tooken.example', 'tooken.example', 200],
  ])('is there over plain HTTP on this machine alone: %s asked as %s is %i', async (publicUrl, host, status) => {
    const app = createApp({ ...service.context, config: readConfig({ TOOKEN_PUBLIC_URL: publicUrl }) });
    const answer = await app.request('/sign-in', { headers: { host } });
    expect(answer.status).toBe(status);
    if (status === 403) expect(await answer.text()).toContain('TOOKEN_PUBLIC_URL');
  });

  test('that is not there is looked for in the environment of its address', async () => {
    const cookie = cookieOf(await addBrowsing('owner'));
    for (const environment of ['live', 'test']) {
      const { status, text } = await ask(`/${environment}/nothing-here`, { cookie });
      expect([status, text.includes(`app-${environment}`)]).toEqual([404, true]);
    }
  });

  test.each([
    ['http', 403],
    ['HTTP', 403],
    ['http, https', 403],
    ['https', 200],
    ['https, http', 200],
  ])('where proxies say that it came over %s gets a %i', async (scheme, status) => {
    const config = readConfig({ TOOKEN_PUBLIC_URL: 'https://tooken.example' });
    const app = createApp({ ...service.context, config });
    const headers = { host: 'tooken.example', 'x-forwarded-proto': scheme };
    expect((await app.request('/sign-in', { headers })).status).toBe(status);
  });
});

describe('cookies', () => {
  test('behind HTTPS belong to this host alone, are sent encrypted, and no script reads them', async () => {
    const config = readConfig({ TOOKEN_PUBLIC_URL: 'https://tooken.example' });
    const app = createApp({ ...service.context, config });
    const owner = await addBrowsing('owner');
    const host = { host: 'tooken.example' };
    const page = await app.request('/sign-in', { headers: host });
    const name = '__Host-tooken_visit';
    const answer = await app.request('/sign-in', {
      method: 'POST',
      headers: {
        ...host,
        origin: 'https://tooken.example',
        cookie: `${name}=${valueIn(page.headers, name)}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ csrf: csrfIn(await page.text()), email: owner.email, password: PASSWORD }).toString(),
    });
    expect(answer.status).toBe(303);
    const line = cookiesIn(answer.headers).get('__Host-tooken_session') ?? '';
    expect(line).toMatch(
      /^__Host-tooken_session=toks_[0-9A-Za-z]{43}; Max-Age=86400; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(answer.headers.get('strict-transport-security')).toBe('max-age=63072000');
    for (const [each, text] of cookiesIn(answer.headers)) {
      expect([each.slice(0, 7), text.includes('HttpOnly'), text.includes('Secure')]).toEqual(['__Host-', true, true]);
    }
  });

  test('of a session are another one after each sign-in, whatever the browser held before', async () => {
    const owner = await addBrowsing('owner');
    const planted = `${SESSION_COOKIE}=toks_${'a'.repeat(43)}`;
    const first = await signIn(owner.email, planted);
    const second = await signIn(owner.email);
    const values = [first, second].map(({ headers }) => valueIn(headers, SESSION_COOKIE));
    expect(new Set([...values, planted]).size).toBe(3);
    expect((await ask('/live/overview', { cookie: planted })).status).toBe(303);
    for (const value of values) {
      expect((await ask('/live/overview', { cookie: `${SESSION_COOKIE}=${value}` })).status).toBe(200);
    }
  });
});

describe('a session', () => {
  test('ends after an hour in which nothing was asked for', async () => {
    const cookie = cookieOf(await addBrowsing('owner'));
    const start = time.now;
    time.now = new Date(start.getTime() + HOUR_MS - 1_000);
    expect((await ask('/live/overview', { cookie })).status).toBe(200);
    time.now = new Date(time.now.getTime() + HOUR_MS - 1);
    expect((await ask('/live/overview', { cookie })).status).toBe(200);
    time.now = new Date(time.now.getTime() + HOUR_MS);
    const { status, headers } = await ask('/live/overview?days=7', { cookie });
    expect([status, headers.get('location')]).toEqual([303, '/sign-in?next=%2Flive%2Foverview%3Fdays%3D7']);
    time.now = start;
  });

  test('ends after 24 hours, however much it is used', async () => {
    const cookie = cookieOf(await addBrowsing('owner'));
    const start = time.now;
    for (let hours = 0; hours < 23.5; hours += 0.9) {
      time.now = new Date(start.getTime() + hours * HOUR_MS);
      expect((await ask('/live/overview', { cookie })).status).toBe(200);
    }
    time.now = new Date(start.getTime() + 24 * HOUR_MS);
    expect((await ask('/live/overview', { cookie })).status).toBe(303);
    time.now = start;
  });

  test('ends on the server when its member signs out', async () => {
    const cookie = cookieOf(await addBrowsing('owner'));
    const page = await ask('/live/overview', { cookie });
    const answer = await ask('/sign-out', { cookie, form: { csrf: csrfIn(page.text) } });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/sign-in']);
    expect(valueIn(answer.headers, SESSION_COOKIE)).toBe('');
    expect((await ask('/live/overview', { cookie })).status).toBe(303);
  });

  test('ends when somebody signs in with its browser, from a page that was open', async () => {
    const [owner, other] = [await addBrowsing('owner'), await addBrowsing('owner')];
    const page = await ask('/sign-in');
    const cookie = `${cookieOf(owner)}; tooken_visit=${valueIn(page.headers, 'tooken_visit')}`;
    const form = { csrf: csrfIn(page.text), email: other.email, password: PASSWORD };
    const answer = await ask('/sign-in', { cookie, form });
    expect(answer.headers.get('location')).toBe('/live/overview');
    expect((await ask('/live/overview', { cookie: cookieOf(owner) })).status).toBe(303);
    for (const value of [valueIn(answer.headers, SESSION_COOKIE), other.cookie]) {
      expect((await ask('/live/overview', { cookie: `${SESSION_COOKIE}=${value}` })).status).toBe(200);
    }
  });

  test('ends with the password, the sessions or the membership that it rests on, at the next request', async () => {
    const { context } = service;
    const sql = context.db.$client;
    const endings = [
      (id: string) => sql`update members set generation = generation + 1 where name = ${id}`,
      (id: string) => sql`update members set removed_at = now() where name = ${id}`,
      (id: string) => sql`update members set can_sign_in = false where name = ${id}`,
      (id: string) =>
        sql`update sessions set ended_at = now() where member_id = (select id from members where name = ${id})`,
    ];
    for (const end of endings) {
      const person = await addBrowsing('admin');
      expect((await ask('/live/overview', { cookie: cookieOf(person) })).status).toBe(200);
      await end(person.name);
      expect((await ask('/live/overview', { cookie: cookieOf(person) })).status).toBe(303);
    }
  });

  test('of a browser opens pages and nothing else, and an access token opens none', async () => {
    const owner = await addBrowsing('owner');
    expect((await service.call('GET', '/v1/tokens', { secret: owner.cookie })).status).toBe(401);
    expect((await service.call('GET', '/v1/tokens', { headers: { cookie: cookieOf(owner) } })).status).toBe(401);
    for (const value of [owner.secret, `${owner.cookie}x`, '', 'toks_']) {
      expect((await ask('/live/overview', { cookie: `${SESSION_COOKIE}=${value}` })).status).toBe(303);
    }
  });
});

describe('a form', () => {
  const wrongHeaders: readonly Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: '' },
    { origin: url.replace('127.0.0.1', 'localhost') },
    { origin: `${url}.evil.example` },
    { origin: url, 'sec-fetch-site': 'cross-site' },
    { origin: url, 'sec-fetch-site': 'same-site' },
  ];

  test.each(wrongHeaders)('that %o says of where it comes from does nothing', async (headers) => {
    const owner = await addBrowsing('owner');
    const cookie = cookieOf(owner);
    const form = { csrf: csrfIn((await ask('/live/overview', { cookie })).text) };
    expect((await ask('/sign-out', { cookie, form, headers })).status).toBe(403);
    expect((await ask('/live/overview', { cookie })).status).toBe(200);
  });

  test('with the token of another session, or none, does nothing', async () => {
    const [owner, other] = [await addBrowsing('owner'), await addBrowsing('owner')];
    const foreign = csrfIn((await ask('/live/overview', { cookie: cookieOf(other) })).text);
    for (const form of [{}, { csrf: '' }, { csrf: 'x' }, { csrf: foreign }]) {
      const { status, text } = await ask('/sign-out', { cookie: cookieOf(owner), form });
      expect(status).toBe(403);
      expect(text).toContain('load the page again');
    }
    expect((await ask('/live/overview', { cookie: cookieOf(owner) })).status).toBe(200);
  });

  test('whose proof was right leads on from a failure, too, under the cookie that the proof has given', async () => {
    const owner = await addBrowsing('owner', { authenticatedSecondsAgo: 3_600 });
    const cookie = cookieOf(owner);
    const form = { csrf: csrfIn((await ask('/live/overview', { cookie })).text), proof_password: PASSWORD };
    const failed = await ask(`/live/keys/${newId('key', service.context)}/regenerate`, { cookie, form });
    expect(failed.status).toBe(404);
    const renewed = `${SESSION_COOKIE}=${valueIn(failed.headers, SESSION_COOKIE)}`;
    expect((await ask('/live/overview', { cookie })).status).toBe(303);
    expect((await ask('/sign-out', { cookie: renewed, form: { csrf: csrfIn(failed.text) } })).status).toBe(303);
  });

  test('is answered by a notice that no name in it turns round, nor breaks out of', async () => {
    const cookie = cookieOf(await addBrowsing('owner'));
    const page = await ask('/live/projects/new', { cookie });
    const name = '\u202e\u2066x\r\nSet-Cookie: a=b"><img src=x>';
    const form = { csrf: csrfIn(page.text), once: 'the only time it is sent'.replaceAll(' ', '-'), name };
    const answer = await ask('/live/projects/new', { cookie, form });
    expect([answer.status, [...cookiesIn(answer.headers).keys()]]).toEqual([303, ['tooken_notice']]);
    const notice = `tooken_notice=${valueIn(answer.headers, 'tooken_notice')}`;
    const { text } = await ask(answer.headers.get('location') ?? '', { cookie: `${cookie}; ${notice}` });
    const said = /role="status">.*?<span>(.*?)<\/span>/s.exec(text)?.[1];
    expect(said).toMatch(/^Project “x\s+Set-Cookie: a=b&quot;&gt;&lt;img src=x&gt;” is created\./);
  });

  test('for signing in signs nobody in for whom its page was not opened', async () => {
    const owner = await addBrowsing('owner');
    const page = await ask('/sign-in');
    const form = { csrf: csrfIn(page.text), email: owner.email, password: PASSWORD };
    const answer = await ask('/sign-in', { form });
    expect(answer.status).toBe(403);
    expect(valueIn(answer.headers, SESSION_COOKIE)).toBe('');
  });

  test('that is too long or no form gets a page that says so', async () => {
    const cookie = cookieOf(await addBrowsing('owner'));
    const headers = { 'content-type': 'application/json' };
    expect((await ask('/sign-out', { cookie, form: { csrf: 'x' }, headers })).status).toBe(415);
    const { status, text } = await ask('/sign-out', { cookie, form: { csrf: 'x'.repeat(70_000) } });
    expect([status, text.includes('64 KiB')]).toEqual([413, true]);
  });
});

test.each([
  '/live/overview?x=%00',
  '/live/tokens?q=%00',
  '/live/tokens/%00',
  '/live/tokens/tkn_%00',
  '/live/%ff',
  '/live/tokens?cursor=x',
])('an address with something in it that no text has leads to a page that says so: %s', async (path) => {
  const { status, headers } = await ask(path, { cookie: cookieOf(await addBrowsing('owner')) });
  expect([200, 400, 404, 422]).toContain(status);
  expect(headers.get('content-type')).toContain('text/html');
});

test('what is typed into the fields of strangers is checked before anything is looked up', async () => {
  const page = await ask('/sign-in');
  const cookie = `tooken_visit=${valueIn(page.headers, 'tooken_visit')}`;
  const csrf = csrfIn(page.text);
  for (const [path, form] of [
    ['/sign-in', { email: 'a\0b', password: 'x' }],
    ['/sign-in', { email: 'a@example.com', password: 'x'.repeat(5_000) }],
    ['/sign-in', { email: 'a'.repeat(300), password: 'x' }],
    ['/sign-in', { email: 'a@example.com' }],
    ['/sign-in', {}],
    ['/link', { token: 'tokl_\0' }],
    ['/link', { token: 'x'.repeat(5_000), chosen: 'yes', password: 'y', again: 'y' }],
  ] as const) {
    const { status } = await ask(path, { cookie, form: { csrf, ...form } });
    expect([400, 401, 422], JSON.stringify([path, form])).toContain(status);
  }
});

test.each([
  ['/live/tokens?status=active', '/live/tokens?status=active'],
  ['/test/overview', '/test/overview'],
  ['/live/roles/scopes/a.b:write/edit', '/live/roles/scopes/a.b:write/edit'],
  ['/live/tokens/../../sign-out', '/live/overview'],
  ['/live/tokens/..', '/live/overview'],
  ['//evil.example/live/x', '/live/overview'],
  ['https://evil.example', '/live/overview'],
  ['/\\evil.example', '/live/overview'],
  ['/live/..//evil.example', '/live/overview'],
  ['/live/tokens?x=\r\nSet-Cookie:a', '/live/overview'],
  ['/sign-out', '/live/overview'],
  ['', '/live/overview'],
])('signing in leads on to pages of ours alone: %j to %s', async (next, location) => {
  const owner = await addBrowsing('owner');
  const answer = await ask(`/sign-in?${new URLSearchParams({ next })}`, { cookie: cookieOf(owner) });
  expect([answer.status, answer.headers.get('location')]).toEqual([303, location]);
});

test('a wrong password says no more than that something is wrong, and keeps the address that was typed', async () => {
  const owner = await addBrowsing('owner');
  const page = await ask('/sign-in');
  const cookie = `tooken_visit=${valueIn(page.headers, 'tooken_visit')}`;
  const send = (email: string, password: string) =>
    ask('/sign-in', { cookie, form: { csrf: csrfIn(page.text), email, password } });
  const [known, unknown] = [
    await send(owner.email, 'not the password'),
    await send('x@example.com', 'not the password'),
  ];
  expect([known.status, unknown.status]).toEqual([401, 401]);
  expect(known.text).toContain(`value="${owner.email}"`);
  expect(known.text).not.toContain('not the password');
  expect(known.text.replaceAll(owner.email, 'x@example.com')).toBe(unknown.text);
  for (let n = 0; n < 4; n += 1) await send(owner.email, 'not the password');
  const locked = await send(owner.email, PASSWORD);
  expect([locked.status, locked.text.includes('Try again in 15 minutes')]).toEqual([423, true]);
});
