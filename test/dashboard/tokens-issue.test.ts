import { describe, expect, test } from 'vitest';
import { curlRequest } from '../support/curl.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { createIssuingWorld, SECRET } from './tokens-issue-world.ts';
import { expectFine } from './world.ts';

const logged: unknown[] = [];
const logger = { ...silentLogger, log: (...line: unknown[]) => void logged.push(line), isEnabled: () => true };
const { world, service, workspace, owner, withKey, named, loadForm } = await createIssuingWorld({ logger });

describe('issuing a token', () => {
  test('shows the secret once, to be copied, and it is good from then on', async () => {
    const visitor = await world.visit(owner);
    const { page } = visitor;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto('/live/tokens');
    await page.getByRole('link', { name: 'Issue token' }).first().click();
    await page.getByLabel('Name').fill('billing export');
    await page.getByLabel('invoices:read').check();
    await page.getByLabel('30 days').check();
    await page.getByText('More: start').click();
    await page.getByLabel('Audience').fill('https://billing.example.com/it’s');
    await page.getByLabel('Metadata').fill('team=billing\ncost-center = 4711');
    await page.getByRole('button', { name: 'Issue token' }).click();
    await page.getByRole('heading', { name: 'Token issued' }).waitFor();
    await expectFine(visitor);

    await page.getByRole('button', { name: 'Copy: the token billing export' }).click();
    const secret = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(secret).toMatch(SECRET);
    const [token] = await named('billing export');
    const introspected = await service.call('POST', '/v1/tokens/introspect', {
      secret: workspace.live.secret,
      json: { token: secret },
    });
    expect(introspected.body).toMatchObject({
      active: true,
      scope: 'invoices:read',
      jti: token?.id,
      tooken: { metadata: { team: 'billing', 'cost-center': '4711' } },
    });

    const commands = await page.locator('.copyable-block code').allTextContents();
    const [ask, use] = commands
      .slice(1)
      .map((command) => curlRequest(command, { TOOKEN_API_KEY: workspace.live.secret }));
    expect(ask?.url).toBe(`${service.context.config.publicUrl}/v1/tokens/introspect`);
    const asked = await service.call('POST', new URL(ask?.url ?? '').pathname, {
      headers: ask?.headers ?? {},
      body: ask?.body ?? '',
    });
    expect(asked.body).toEqual(introspected.body);
    expect(use).toMatchObject({
      url: 'https://billing.example.com/it%E2%80%99s',
      headers: { Authorization: `Bearer ${secret}` },
    });

    // Neither the address nor what the browser stores has it, and loading the page again leads to what it belongs to.
    expect(page.url()).toMatch(new RegExp(`/live/tokens/${token?.id}$`));
    expect(await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')).toBe('[{},{}]');
    await page.reload();
    await page.getByRole('heading', { name: 'billing export' }).waitFor();
    expect(await page.content()).not.toContain(secret);
    expect(await named('billing export')).toHaveLength(1);
    expect(JSON.stringify(logged)).not.toContain(secret);
    await visitor.expectClean();
  });

  test('leads on to the page of the token, from which no way back shows the secret', async () => {
    const { page } = await world.visit(owner);
    await page.goto('/live/tokens');
    await page.goto('/live/tokens/new?name=left');
    await page.getByLabel('payments:write').check();
    await page.getByRole('button', { name: 'Issue token' }).click();
    await page.getByRole('link', { name: 'I have stored it' }).click();
    await page.getByRole('heading', { name: 'left' }).waitFor();
    expect(await page.content()).not.toMatch(SECRET);
    await page.goto('/live/overview');
    for (let step = 0; step < 3; step += 1) {
      await page.goBack();
      expect(await page.content()).not.toMatch(SECRET);
    }
    expect(await named('left')).toHaveLength(1);
  });

  test.each(['dark', 'light'] as const)(
    'is fine in %s and on a phone, with much that is wrong in it',
    async (scheme) => {
      const visitor = await world.visit(owner, { width: 360, colorScheme: scheme });
      const { page } = visitor;
      await page.goto('/live/tokens/new');
      await expectFine(visitor);
      await page.getByText('Scopes for Tooken itself').first().click();
      await page.getByLabel('A date').check();
      await page.getByText('More: start').click();
      await page.getByLabel('Metadata').fill('{"team":');
      await page.getByLabel('Allowed addresses').fill('10.0.0.0/8 nowhere');
      visitor.expectStatus(422);
      await page.getByRole('button', { name: 'Issue token' }).click();
      await page.getByRole('alert').waitFor();
      await expectFine(visitor);
    },
  );
});

describe('a form for a token', () => {
  test('that is sent twice issues once, and leads to the token the second time, without its secret', async () => {
    const cookie = world.cookieOf(owner);
    const form = { ...(await loadForm(cookie)), name: 'twice', scopes: 'invoices:read' };
    const first = await world.ask('/live/tokens/new', { cookie, form });
    expect(first.status).toBe(200);
    expect(first.text).toMatch(SECRET);
    expect(first.headers.get('cache-control')).toBe('no-store');
    const second = await world.ask('/live/tokens/new', { cookie, form });
    const [token, ...others] = await named('twice');
    expect(others).toEqual([]);
    expect([second.status, second.headers.get('location')]).toEqual([303, `/live/tokens/${token?.id}`]);
    expect(second.text).not.toMatch(SECRET);
    const notice = /tooken_notice=([^;]+)/.exec(second.headers.get('set-cookie') ?? '')?.[1] ?? '';
    const page = await world.ask(`/live/tokens/${token?.id}`, { cookie: `${cookie}; tooken_notice=${notice}` });
    expect(page.text).toContain('nothing was issued again');
  });

  test('that is sent several times at once issues once', async () => {
    const cookie = world.cookieOf(owner);
    const form = { ...(await loadForm(cookie)), name: 'at once', scopes: 'invoices:read' };
    const answers = await Promise.all([1, 2, 3].map(() => world.ask('/live/tokens/new', { cookie, form })));
    expect(answers.filter(({ text }) => SECRET.test(text))).toHaveLength(1);
    expect(await named('at once')).toHaveLength(1);
  });

  test('whose button is clicked twice issues once, and shows the secret', async () => {
    const { page } = await world.visit(owner);
    await page.goto('/live/tokens/new?name=clicked');
    await page.getByLabel('invoices:read').check();
    await page.getByRole('button', { name: 'Issue token' }).dblclick();
    await page.getByRole('heading', { name: 'Token issued' }).waitFor();
    expect(await page.content()).toMatch(SECRET);
    expect(await named('clicked')).toHaveLength(1);
  });

  test('is refused where the owner could not do what it grants, by the name of the scope', async () => {
    const member = await world.addBrowsing('member', { scopes: ['payments:write'] });
    const cookie = world.cookieOf(owner);
    const form = { ...(await loadForm(cookie)), name: 'beyond', scopes: 'invoices:read', owner: member.id };
    const { status, text } = await world.ask('/live/tokens/new', { cookie, form });
    expect(status).toBe(422);
    expect(text).toContain('This names invoices:read, which is granted by none of the owner&#39;s roles.');
    expect(text).toContain(`<option value="${member.id}" selected="">`);
  });

  test('is like no token of another workspace', async () => {
    const other = await service.addWorkspace('Elsewhere');
    const stranger = await world.addBrowsing('owner', { workspace: other });
    await withKey('POST', '/v1/tokens', { name: 'not yours', scopes: ['invoices:read'] });
    const [token] = await named('not yours');
    const answer = await world.ask(`/live/tokens/new?copy=${token?.id}`, { cookie: world.cookieOf(stranger) });
    expect(answer.status).toBe(404);
    expect(answer.text).not.toContain('not yours');
  });

  test('keeps all that was typed when something is wrong, and says what each field needs', async () => {
    const { page, expectStatus } = await world.visit(owner, { javaScriptEnabled: false });
    expectStatus(422);
    await page.goto('/live/tokens/new');
    await page.getByLabel('Description').fill('for the warehouse');
    await page.getByLabel('invoices:read').check();
    await page.getByLabel('Other scopes').fill('Invoices reports:read');
    await page.getByLabel('365 days').check();
    await page.getByText('More: start').click();
    await page.getByLabel('Metadata').fill('team');
    await page.getByRole('button', { name: 'Issue token' }).click();
    expect(await page.getByLabel('Metadata').getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator('.problem').allTextContents()).toEqual(['This has no key=value in line 1.']);
    await page.getByLabel('Metadata').fill('team=data');
    await page.getByRole('button', { name: 'Issue token' }).click();
    expect(await page.locator('.problem').allTextContents()).toEqual([
      'This must not be empty.',
      'This names Invoices, which must have the form resource:action, in lower case.',
    ]);
    await page.getByLabel('Name').fill('kept');
    await page.getByLabel('Other scopes').fill('reports:read');
    await page.getByRole('button', { name: 'Issue token' }).click();
    await page.getByRole('heading', { name: 'Token issued' }).waitFor();
    const [token] = await named('kept');
    expect(token).toMatchObject({
      description: 'for the warehouse',
      scopes: ['invoices:read', 'reports:read'],
      metadata: { team: 'data' },
    });
    const lifetimeMs = Date.parse(String(token?.expires_at)) - Date.parse(String(token?.created_at));
    expect(lifetimeMs).toBe(365 * 86_400_000);
  });

  test('names what is nearest to a scope that the enforced catalogue does not have', async () => {
    const strict = await service.addWorkspace('Strict');
    const call = (method: string, path: string, json: unknown) =>
      service.call(method, path, { secret: strict.live.secret, json });
    const admin = await world.addBrowsing('admin', { workspace: strict });
    await call('POST', '/v1/scopes', { name: 'invoices:read' });
    const cookie = world.cookieOf(admin);
    const form = { ...(await loadForm(cookie)), name: 'near', other_scopes: 'invoice:read' };
    expect((await call('PATCH', '/v1/settings', { scope_catalogue_enforced: true })).status).toBe(200);
    const { page } = await world.visit(admin);
    await page.goto('/live/tokens/new');
    expect(await page.getByLabel('Other scopes').count()).toBe(0);
    const { status, text } = await world.ask('/live/tokens/new', { cookie, form });
    expect(status).toBe(422);
    expect(text).toContain('This names invoice:read, which is not in the catalogue; the nearest is invoices:read.');
    expect(text).toContain('value="invoice:read"');
  });

  test('starts like the token that it is to be like', async () => {
    const { body } = await withKey('POST', '/v1/tokens', {
      name: 'model',
      scopes: ['invoices:read', 'unlisted:go'],
      metadata: { team: 'billing', level: 3 },
      allowed_cidrs: ['192.0.2.0/24', '198.51.100.7'],
    });
    const { id } = (body as { token: { id: string } }).token;
    const { page } = await world.visit(owner);
    await page.goto(`/live/tokens/new?copy=${id}`);
    expect(await page.getByLabel('Never').isChecked()).toBe(true);
    await page.getByLabel('Name').fill('like it');
    await page.getByRole('button', { name: 'Issue token' }).click();
    await page.getByRole('heading', { name: 'Token issued' }).waitFor();
    const [model] = await named('model');
    const [like] = await named('like it');
    const terms = ({ scopes, metadata, allowed_cidrs, expires_at }: Record<string, unknown>) => [
      scopes,
      metadata,
      allowed_cidrs,
      expires_at,
    ];
    expect(terms(like ?? {})).toEqual(terms(model ?? {}));
  });
});
