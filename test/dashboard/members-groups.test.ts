import { expect, test } from 'vitest';
import { createDashboardWorld, expectFine } from './world.ts';

const world = await createDashboardWorld();
const { service, ask, cookieOf } = world;
const owner = await world.addBrowsing('owner');

test('a group is created, put to use, renamed and deleted without scripts', async () => {
  const person = await world.addBrowsing('member');
  const visitor = await world.visit(owner, { javaScriptEnabled: false });
  const { page } = visitor;
  await page.goto('/live/members');
  await page.getByRole('link', { name: 'Groups' }).click();
  expect(await page.locator('main').textContent()).toContain('No groups yet');
  await page.getByRole('link', { name: 'Create group' }).click();
  await page.getByLabel('Name').fill('emea');
  await page.getByLabel('Description').fill('Europe, Middle East and Africa');
  await page.getByRole('button', { name: 'Create group' }).click();
  expect(await page.getByRole('status').textContent()).toContain('Group “emea” is there');

  await page.goto(`/live/members/${person.id}/edit`);
  await page.getByLabel('emea').check();
  await page.getByRole('button', { name: 'Save changes' }).click();
  await page.goto('/live/members/groups');
  await page.getByRole('link', { name: '1 member' }).click();
  expect(await page.getByRole('table').textContent()).toContain(person.name);
  expect(await page.locator('tbody tr').count()).toBe(1);

  await page.goto('/live/members/groups');
  await page.getByRole('link', { name: 'Edit emea' }).click();
  await page.getByLabel('Name').fill('europe');
  await page.getByRole('button', { name: 'Save changes' }).click();
  expect(await page.getByRole('status').textContent()).toMatch(/Group “europe” is changed, effective on (\d+) of \1/);
  await page.getByRole('link', { name: 'Delete europe' }).click();
  expect(await page.locator('main').textContent()).toContain('1 member is in this group');
  await page.getByRole('button', { name: 'Delete group' }).click();
  expect(await page.getByRole('status').textContent()).toMatch(/Group “europe” is deleted, effective on (\d+) of \1/);
  await page.goto(`/live/members/${person.id}`);
  expect(await page.locator('main').textContent()).not.toContain('europe');
});

test('a name that programs could not read is refused, and what was typed stays', async () => {
  const visitor = await world.visit(owner, { width: 360, colorScheme: 'dark' });
  const { page } = visitor;
  visitor.expectStatus(422, 409);
  await page.goto('/live/members/groups/new');
  await page.getByLabel('Name').fill('<img src=x onerror=alert(1)>');
  await page.getByLabel('Description').fill(`"><script>alert(1)</script>${'y'.repeat(128)}`);
  await page.getByRole('button', { name: 'Create group' }).click();
  expect(await page.locator('#field-name-problem').textContent()).toContain('lower-case letters');
  expect(await page.getByLabel('Name').inputValue()).toBe('<img src=x onerror=alert(1)>');
  await expectFine(visitor);
  await page.getByLabel('Name').fill('apac');
  await page.getByRole('button', { name: 'Create group' }).click();
  expect(await page.getByRole('table').textContent()).toContain('"><script>alert(1)</script>');
  await expectFine(visitor);
  await page.goto('/live/members/groups/new');
  await page.getByLabel('Name').fill('apac');
  await page.getByRole('button', { name: 'Create group' }).click();
  expect(await page.getByRole('alert').textContent()).toContain('has a group of that name already');
});

test('the groups of a workspace are for those who manage it, and for nobody elsewhere', async () => {
  const { body } = await service.call('POST', '/v1/groups', { secret: owner.secret, json: { name: 'inner-circle' } });
  for (const access of ['member', 'auditor'] as const) {
    const { status } = await ask('/live/members/groups', { cookie: cookieOf(await world.addBrowsing(access)) });
    expect(status, access).toBe(403);
  }
  const elsewhere = await world.addBrowsing('owner', { workspace: await service.addWorkspace('Elsewhere') });
  const cookie = cookieOf(elsewhere);
  expect((await ask('/live/members/groups', { cookie })).text).not.toContain('inner-circle');
  expect((await ask(`/live/members/groups/${body.id}/edit`, { cookie })).status).toBe(404);
  expect((await ask(`/live/members/${owner.id}`, { cookie })).status).toBe(404);
  expect((await ask('/live/members/not-an-id', { cookie })).status).toBe(404);
});
