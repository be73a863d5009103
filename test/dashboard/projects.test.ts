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
  return { id: String(body.id), token: String(body.token) };
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
