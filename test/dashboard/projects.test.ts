import { expect, test } from 'vitest';
import { createDashboardWorld, csrfIn, expectFine } from './world.ts';

const world = await createDashboardWorld();
const { service, workspace } = world;
const owner = await world.addBrowsing('owner');
const { secret } = workspace.live;

async function addProject(name: string, description: string | null = null): Promise<string> {
  const { body } = await service.call('POST', '/v1/projects', { secret, json: { name, description } });
  return String(body.id);
}

async function issueInto(projectId: string, name: string, key = secret) {
  const json = { name, scopes: ['invoices:read'], project_id: projectId };
  const { body } = await service.call('POST', '/v1/tokens', { secret: key, json });
  return { id: String(Object(body.token).id), token: String(body.secret) };
}

async function isActive(token: string): Promise<unknown> {
  const { body } = await service.call('POST', '/v1/tokens/introspect', { secret, json: { token } });
  return body.active;
}

test('a project is created, edited and deleted with clicks', async () => {
  const visitor = await world.visit(owner);
  const { page } = visitor;
  await page.goto('/live/projects');
  await page.getByRole('link', { name: 'Create project' }).first().click();
  await page.getByLabel('Name').fill('Mobile app');
  await page.getByLabel('Description').fill('Everything that the app calls\nand its push service');
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.waitForURL(/\/live\/projects\/prj_/);
  expect(await page.getByRole('status').textContent()).toContain('Project “Mobile app” is created');
  await page.getByRole('link', { name: 'Edit project' }).click();
  await page.getByLabel('Name').fill('Mobile app (iOS)');
  await page.getByRole('button', { name: 'Save project' }).click();
  await page.waitForURL(/\/live\/projects\/prj_\w+$/);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Mobile app (iOS)');
  const saved = await service.call('GET', `/v1${new URL(page.url()).pathname.slice('/live'.length)}`, { secret });
  expect(saved.body).toMatchObject({ description: 'Everything that the app calls\nand its push service' });
  await page.getByRole('link', { name: 'Delete project' }).click();
  await page.getByRole('button', { name: 'Delete project' }).click();
  await page.waitForURL('**/live/projects');
  expect(await page.getByRole('status').textContent()).toContain('is deleted');
  await visitor.expectClean();
});

test('revoking all tokens of a project takes typing its name, and ends those of that environment everywhere', async () => {
  const id = await addProject('Partner API');
  const tokens = await Promise.all([issueInto(id, 'one'), issueInto(id, 'two')]);
  const inTest = await issueInto(id, 'three', workspace.test.secret);
  const visitor = await world.visit(owner);
  const { page } = visitor;
  await page.goto(`/live/projects/${id}`);
  await page.getByRole('link', { name: 'Revoke all tokens' }).click();
  expect(await page.getByRole('main').textContent()).toContain('This revokes 2 tokens of the live environment');
  await page.getByLabel('Type its name to confirm').fill('Partner');
  await page.getByLabel('Reason').fill('The partner has left');
  visitor.expectStatus(422);
  await page.getByRole('button', { name: 'Revoke 2 tokens' }).click();
  await page.getByText('This is not the name of the project.').waitFor();
  expect(await page.getByLabel('Reason').inputValue()).toBe('The partner has left');
  expect(await isActive(tokens[0].token)).toBe(true);
  await page.getByLabel('Type its name to confirm').fill('Partner API');
  await page.getByRole('button', { name: 'Revoke 2 tokens' }).click();
  await page.waitForURL(`**/live/projects/${id}`);
  expect(await page.getByRole('status').textContent()).toMatch(
    /^2 tokens of “Partner API” are revoked, effective on (\d+) of \1 replicas?\.$/,
  );
  for (const { token } of tokens) expect(await isActive(token)).toBe(false);
  const left = await service.call('GET', `/v1/tokens/${inTest.id}`, { secret: workspace.test.secret });
  expect(left.body).toMatchObject({ status: 'active' });
  await visitor.expectClean();
});

test('without scripts the tokens of a project are revoked, and the empty project is deleted', async () => {
  const id = await addProject('Short-lived');
  const { token } = await issueInto(id, 'one');
  const { page } = await world.visit(owner, { javaScriptEnabled: false });
  await page.goto(`/live/projects/${id}/delete`);
  expect(await page.getByRole('main').textContent()).toContain('it cannot be deleted');
  expect(await page.getByRole('button', { name: 'Delete project' }).count()).toBe(0);
  await page.goto(`/live/projects/${id}/revoke-tokens`);
  await page.getByLabel('Type its name to confirm').fill('Short-lived');
  await page.getByRole('button', { name: 'Revoke 1 token' }).click();
  await page.getByRole('status').waitFor();
  expect(await isActive(token)).toBe(false);
  await page.getByRole('link', { name: 'Delete project' }).click();
  await page.getByRole('button', { name: 'Delete project' }).click();
  expect(await page.getByRole('status').textContent()).toContain('Project “Short-lived” is deleted');
});

test('a change on top of a change by somebody else is refused, keeps what was typed, and shows what it is now', async () => {
  const id = await addProject('Exports', 'Nightly');
  const { page } = await world.visit(owner);
  await page.goto(`/live/projects/${id}/edit`);
  await service.call('PATCH', `/v1/projects/${id}`, { secret, json: { description: 'Hourly' } });
  await page.getByLabel('Name').fill('Exports to the warehouse');
  await page.getByRole('button', { name: 'Save project' }).click();
  await page.getByRole('heading', { name: 'As it is now' }).waitFor();
  expect(await page.getByRole('alert').textContent()).toContain('Somebody has changed this');
  expect(await page.getByLabel('Name').inputValue()).toBe('Exports to the warehouse');
  expect(await page.getByRole('definition').allTextContents()).toContain('Hourly');
  const { body } = await service.call('GET', `/v1/projects/${id}`, { secret });
  expect(body).toMatchObject({ name: 'Exports', description: 'Hourly' });
});

test('a form that says nothing of the state it was opened in changes nothing', async () => {
  const id = await addProject('Untouched');
  const cookie = world.cookieOf(owner);
  const { text } = await world.ask(`/live/projects/${id}/edit`, { cookie });
  const form = { csrf: csrfIn(text), name: 'Touched', description: '' };
  expect((await world.ask(`/live/projects/${id}/edit`, { cookie, form })).status).toBe(412);
  const { body } = await service.call('GET', `/v1/projects/${id}`, { secret });
  expect(body).toMatchObject({ name: 'Untouched' });
});

test('a form that is sent twice makes one project, and leads to it both times', async () => {
  const cookie = world.cookieOf(owner);
  const { text } = await world.ask('/live/projects/new', { cookie });
  const once = /name="once" value="([^"]+)"/.exec(text)?.[1] ?? '';
  const form = { csrf: csrfIn(text), once, name: 'Sent twice', description: '' };
  const first = await world.ask('/live/projects/new', { cookie, form });
  const second = await world.ask('/live/projects/new', { cookie, form });
  expect(first.status).toBe(303);
  expect(second.headers.get('location')).toBe(first.headers.get('location'));
});

test('the list narrows down to a part of the name as one types, and says what is wrong with an address', async () => {
  await addProject('Findable haystack');
  const visitor = await world.visit(owner);
  const { page } = visitor;
  await page.goto('/live/projects');
  await page.getByLabel('Name of the project').fill('FINDABLE');
  await page.waitForURL('**/live/projects?name=FINDABLE');
  await expect.poll(() => page.getByRole('rowheader').count()).toBe(1);
  for (const query of [`name=${'x'.repeat(129)}`, 'cursor=nonsense']) {
    expect((await page.goto(`/live/projects?${query}`))?.status()).toBe(200);
    expect(await page.getByRole('alert').count()).toBe(1);
  }
  await expectFine(visitor);
});

test('auditors read projects and change nothing; members are not told of tokens of others', async () => {
  const id = await addProject('Looked at');
  await issueInto(id, 'not theirs');
  for (const access of ['auditor', 'member'] as const) {
    const person = await world.addBrowsing(access);
    const { page } = await world.visit(person);
    await page.goto(`/live/projects/${id}`);
    const main = page.getByRole('main');
    for (const name of ['Edit project', 'Revoke all tokens', 'Delete project']) {
      expect(await main.getByRole('link', { name }).count(), `${access}: ${name}`).toBe(0);
    }
    expect(await main.getByText('not theirs').count()).toBe(access === 'auditor' ? 1 : 0);
    expect(await main.getByText('1 live').count()).toBe(access === 'auditor' ? 1 : 0);
    expect(await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Projects' }).count()).toBe(
      0,
    );
    const cookie = world.cookieOf(person);
    for (const path of ['new', `${id}/edit`, `${id}/delete`, `${id}/revoke-tokens`]) {
      expect((await world.ask(`/live/projects/${path}`, { cookie })).status, `${access}: ${path}`).toBe(403);
    }
  }
});

test('projects of other workspaces do not exist', async () => {
  const other = await service.addWorkspace('Elsewhere');
  const foreign = await service.call('POST', '/v1/projects', { secret: other.live.secret, json: { name: 'Foreign' } });
  const cookie = world.cookieOf(owner);
  const { text } = await world.ask('/live/projects/new', { cookie });
  const form = {
    csrf: csrfIn(text),
    name: 'Mine',
    description: '',
    revision: '1',
    confirm_name: 'Foreign',
    reason: '',
  };
  for (const path of ['', '/edit', '/delete', '/revoke-tokens']) {
    expect((await world.ask(`/live/projects/${foreign.body.id}${path}`, { cookie })).status).toBe(404);
    if (path === '') continue;
    expect((await world.ask(`/live/projects/${foreign.body.id}${path}`, { cookie, form })).status).toBe(404);
  }
  expect((await world.ask('/live/projects/prj_nonsense', { cookie })).status).toBe(404);
});

const HOSTILE = [
  '<img src=x onerror="document.title=\'hacked\'">',
  '"><script>document.title="hacked"</script>',
  '\u202Egnp.exe\u202C and what follows',
  'N'.repeat(128),
];

test('whatever names people choose, they are shown as text, and the pages stay fine, wide and narrow, light and dark', async () => {
  const person = await world.addBrowsing('admin');
  const wide = await world.visit(person, { width: 1280, colorScheme: 'dark' });
  const narrow = await world.visit(person, { width: 360, colorScheme: 'light' });
  for (const [n, name] of HOSTILE.entries()) {
    const id = await addProject(name, `${name} ${'D'.repeat(300)}`);
    await issueInto(id, name);
    const visitor = n % 2 === 0 ? wide : narrow;
    const { page } = visitor;
    for (const path of ['', '/edit', '/delete', '/revoke-tokens']) {
      await page.goto(`/live/projects/${id}${path}`);
      await expectFine(visitor);
      expect(await page.title()).not.toBe('hacked');
    }
    await page.goto(`/live/projects/${id}`);
    expect((await page.getByRole('heading', { level: 1 }).textContent())?.trim()).toBe(name);
  }
  for (const visitor of [wide, narrow]) {
    for (const path of ['', '/new']) {
      await visitor.page.goto(`/live/projects${path}`);
      await expectFine(visitor);
    }
  }
}, 60_000);
