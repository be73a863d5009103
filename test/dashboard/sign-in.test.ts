import { expect, test } from 'vitest';
import { PASSWORD } from '../support/people.ts';
import { createDashboardWorld, expectFine } from './world.ts';

const world = await createDashboardWorld();
const owner = await world.addBrowsing('owner');

test('a member signs in by email and password, and out again', async () => {
  const visitor = await world.visit(undefined);
  const { page } = visitor;
  await page.goto('/');
  await expectFine(visitor);
  await page.getByLabel('Email').fill(owner.email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/live/overview');
  await expectFine(visitor);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in');
  expect(await page.getByRole('status').textContent()).toContain('signed out');
  await expectFine(visitor);
});
