import { afterAll, expect, it } from 'vitest';
import { createFence } from '../../src/coherence/fence.ts';
import { invalidate } from '../../src/coherence/invalidate.ts';
import { inTransaction, openPool } from '../../src/db/connection.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { plantCrashedReplica, registeredReplicas } from './table.ts';

const database = await createTestDatabase();
const { db, close } = openPool(database.app, { maxConnections: 2, applicationName: 'tooken-test' });
afterAll(close);

it('a fence without a replica in its own process, as a command has it, evicts one that does not answer', async () => {
  const leaseMs = 100;
  await plantCrashedReplica(db, leaseMs);
  const fence = createFence({ connections: { use: (look) => look(db) }, clock: systemClock });
  const effective = await fence(await inTransaction(db, (tx) => invalidate(tx, [])));
  expect(effective.replicas).toBe(0);
  expect(effective.waitedMs).toBeGreaterThan(leaseMs);
  expect(await registeredReplicas(db)).toEqual([]);
});
