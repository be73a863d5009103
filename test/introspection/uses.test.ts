import { eq } from 'drizzle-orm';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { type Database, openPool } from '../../src/db/connection.ts';
import { credentialUses } from '../../src/db/schema/usage.ts';
import { createUseRecorder } from '../../src/introspection/uses.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { idToUuid, newId, type TokenId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { Logger } from '../../src/telemetry/logger.ts';
import { createTestDatabase } from '../support/database.ts';
import { startDatabaseProxy } from '../support/proxy.ts';
import { later, NOW } from './records.ts';

const database = await createTestDatabase();
const { db, close } = openPool(database.app, { maxConnections: 2, applicationName: 'tooken-test' });
afterAll(close);

const logged: string[] = [];
const logger: Logger = { log: (_, event) => void logged.push(event), isEnabled: () => true };
beforeEach(() => void logged.splice(0));

const newToken = () => newId('tkn', { clock: systemClock, random: systemRandom });

async function lastUse(id: TokenId, from: Database = db) {
  const [row] = await from
    .select()
    .from(credentialUses)
    .where(eq(credentialUses.credentialId, idToUuid(id)));
  return row && { at: row.lastUsedAt, source: row.lastUsedFrom };
}

test('a use is written within seconds, without anybody waiting for it', async () => {
  const uses = createUseRecorder({ db, clock: systemClock, logger });
  const id = newToken();
  uses.record(id, NOW, '192.0.2.1');
  await vi.waitFor(async () => expect(await lastUse(id)).toEqual({ at: NOW, source: '192.0.2.1' }), {
    timeout: 10_000,
  });
  uses.record(id, later(1), null);
  await vi.waitFor(async () => expect(await lastUse(id)).toEqual({ at: later(1), source: null }), { timeout: 10_000 });
  await uses.stop();
});

test('stopping writes what is left; of many uses the latest counts', async () => {
  const uses = createUseRecorder({ db, clock: systemClock, logger });
  const [first, second] = [newToken(), newToken()];
  uses.record(first, later(2), 'a');
  uses.record(first, later(3), 'b');
  uses.record(first, later(1), 'c');
  uses.record(second, NOW, null);
  await uses.stop();
  expect(await lastUse(first)).toEqual({ at: later(3), source: 'b' });
  expect(await lastUse(second)).toEqual({ at: NOW, source: null });
});

test('time never runs backwards, whichever replica writes last', async () => {
  const id = newToken();
  for (const [at, source] of [
    [later(5), 'late'],
    [later(4), 'early'],
  ] as const) {
    const replica = createUseRecorder({ db, clock: systemClock, logger });
    replica.record(id, at, source);
    await replica.stop();
  }
  expect(await lastUse(id)).toEqual({ at: later(5), source: 'late' });
});

test('replicas that note the same credentials at once do not stand in each other’s way', async () => {
  const ids = Array.from({ length: 2000 }, newToken);
  const replicas = Array.from({ length: 4 }, () => createUseRecorder({ db, clock: systemClock, logger }));
  for (const [index, replica] of replicas.entries()) {
    for (const id of index % 2 === 0 ? ids : ids.toReversed()) replica.record(id, later(index), null);
  }
  await Promise.all(replicas.map((replica) => replica.stop()));
  expect(logged).toEqual([]);
  for (const id of [ids[0], ids[1999]]) expect(id && (await lastUse(id))?.at).toEqual(later(3));
});

test('while the database is away uses are kept, and told of once', async () => {
  const proxy = await startDatabaseProxy(database.app);
  const pool = openPool(proxy.through(database.app), { maxConnections: 1, applicationName: 'tooken-test' });
  const uses = createUseRecorder({ db: pool.db, clock: systemClock, logger });
  await pool.db.$client`select 1`;
  await proxy[Symbol.asyncDispose]();
  const id = newToken();
  uses.record(id, NOW, 'kept');
  await vi.waitFor(() => expect(logged).toEqual(['uses.flush_failed']), { timeout: 10_000 });
  uses.record(id, later(-1), 'older');
  await uses.stop();
  expect(logged).toEqual(['uses.flush_failed']);
  await pool.close();
});
