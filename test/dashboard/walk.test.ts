import { describe, expect, test } from 'vitest';
import { createTour } from './tour.ts';
import { expectFine } from './world.ts';

const { world, owner, pages } = await createTour();

const WINDOWS = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 360 },
] as const;

describe.each(WINDOWS)('in a window that is $colorScheme and $width wide', async (window) => {
  const visitor = await world.visit(owner, window);
  const { page } = visitor;

  test.each(pages)('/$name has no fault that anything here finds', async ({ path }) => {
    const response = await page.goto(`/live${path}`);
    expect(response?.status()).toBe(200);
    await expectFine(visitor);
  });
});

test.each(pages)('/$name changes nothing when it is looked at', async ({ path }) => {
  const sql = world.service.context.db.$client;
  const state = () => sql`
    select (select count(*) from audit_events) as events, (select sum(revision) from tokens) as tokens,
      (select sum(revision) from members) as members, (select count(*) from api_keys) as keys,
      (select count(*) from member_totp) as factors, (select count(*) from member_links) as links`;
  const before = await state();
  expect((await world.ask(`/live${path}`, { cookie: world.cookieOf(owner) })).status).toBe(200);
  expect(await state()).toEqual(before);
});
