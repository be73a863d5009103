import { expect, test } from 'vitest';
import { createDashboardWorld } from './world.ts';

const world = await createDashboardWorld({ TOOKEN_REQUEST_LOG_DAYS: 'off' });

test('where calls are not kept, the page says so and which setting it is', async () => {
  const owner = await world.addBrowsing('owner');
  await world.service.call('GET', '/v1/whoami', { secret: world.workspace.live.secret });
  const { text } = await world.ask('/live/requests', { cookie: world.cookieOf(owner) });
  expect(text).toContain('Calls are not kept');
  expect(text).toContain('TOOKEN_REQUEST_LOG_DAYS');
});
