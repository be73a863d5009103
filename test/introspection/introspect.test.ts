import { describe } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { sendToApp, sendToCore, sendToListener } from './adapters.ts';
import { describeCallers } from './callers.ts';
import { describeLimits } from './limits.ts';
import { describeVerdicts } from './verdicts.ts';
import { createWorld } from './world.ts';

const database = await createTestDatabase();
const world = await createWorld(database.app);

// One battery for everything that may carry a request to the endpoint.
describe.each([
  ['the core', sendToCore, 10_000],
  ['the application', sendToApp, 1_000],
  ['the listener', sendToListener, 1_000],
])('introspection through %s', (_, connect, floodSize) => {
  describeCallers(world, connect(world.services));
  describeLimits(world, connect);
  describeVerdicts(world, connect, floodSize);
});
