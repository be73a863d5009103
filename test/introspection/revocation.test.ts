import { describe } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { sendToApp, sendToCore, sendToListener } from './adapters.ts';
import { describeRevocation } from './revocation.ts';
import { createWorld } from './world.ts';

const database = await createTestDatabase();
const world = await createWorld(database.app);

describe.each([
  ['the core', sendToCore],
  ['the application', sendToApp],
  ['the listener', sendToListener],
])('revocation by value through %s', (_, connect) => {
  describeRevocation(world, connect);
});
