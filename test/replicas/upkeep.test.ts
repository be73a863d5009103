import { afterAll, expect, it } from 'vitest';
import { createUpkeep } from '../../src/coherence/upkeep.ts';
import { openPool } from '../../src/db/connection.ts';
import { createOwnConnections } from '../../src/db/own-connections.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { plantCrashedReplica, registeredReplicas } from './table.ts';

const database = await createTestDatabase();
const open = () => openPool(database.app, { maxConnections: 2, applicationName: 'tooken-test' });
const connections = createOwnConnections(open, 3_000);
const { db, close } = open();
const sql = db.$client;
afterAll(() => Promise.all([connections.close(), close()]));

const LEASE_MS = 1_000;

it('upkeep removes a replica that has not renewed for longer than its lease, and not one that has', async () => {
  const [silent, alive] = [await plantCrashedReplica(db, LEASE_MS), await plantCrashedReplica(db, LEASE_MS)];
  const upkeep = createUpkeep({ connections, clock: systemClock, intervalMs: 50 });
  upkeep.start();
  const renewAndRead = async () => {
    await sql`update replicas set renewals = renewals + 1 where id = ${alive}`;
    return registeredReplicas(db);
  };
  expect(await registeredReplicas(db)).toContain(silent);
  await expect.poll(renewAndRead, { timeout: 10_000 }).toEqual([alive]);
  upkeep.stop();
});

it('upkeep keeps an invalidation that a registered replica has not applied', async () => {
  await sql`delete from replicas`;
  const late = await plantCrashedReplica(db, 60_000);
  await sql`insert into invalidations (subject_kind) values ('creation')`;
  const upkeep = createUpkeep({ connections, clock: systemClock, intervalMs: 20 });
  upkeep.start();
  // Several rounds of it, in each of which it could.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await sql`select from invalidations`).toHaveLength(1);
  await sql`update replicas set acked = pg_current_snapshot() where id = ${late}`;
  await expect.poll(() => sql`select from invalidations`, { timeout: 10_000 }).toHaveLength(0);
  upkeep.stop();
});
