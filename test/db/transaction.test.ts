import { afterAll, describe, expect, it } from 'vitest';
import { clientOf } from '../../src/db/client.ts';
import { inTransaction, openPool } from '../../src/db/connection.ts';
import { isDatabaseUnavailable } from '../../src/db/errors.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();
// One connection each: what is lost and what takes its place is certain.
const pool = openPool(database.app, { maxConnections: 1, applicationName: 'tooken-test' });
const other = openPool(database.owner, { maxConnections: 1, applicationName: 'tooken-test' });
afterAll(() => Promise.all([pool.close(), other.close()]));

const insert = (name: string) => (tx: Parameters<typeof clientOf>[0]) =>
  clientOf(tx)`
  insert into workspaces (id, name, token_prefix, created_at, updated_at)
  values (gen_random_uuid(), ${name}, 'tkn', now(), now())`;
const exists = async (name: string) =>
  (await other.db.$client`select 1 from workspaces where name = ${name}`).length > 0;

async function terminate(tx: Parameters<typeof clientOf>[0]): Promise<void> {
  const [row] = await clientOf(tx)<{ pid: number }[]>`select pg_backend_pid() as pid`;
  await other.db.$client`select pg_terminate_backend(${row?.pid ?? 0})`;
  for (;;) {
    const alive = await other.db.$client`select 1 from pg_stat_activity where pid = ${row?.pid ?? 0}`;
    if (alive.length === 0) return;
  }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 100));

describe('a transaction whose connection is lost', () => {
  it('while its work is busy elsewhere does nothing afterwards, in or outside of a transaction', async () => {
    const failure = await inTransaction(pool.db, async (tx) => {
      await insert('before')(tx);
      await terminate(tx);
      await settle();
      await insert('after')(tx);
    }).catch((error: unknown) => error);
    expect(isDatabaseUnavailable(failure)).toBe(true);
    await settle();
    expect([await exists('before'), await exists('after')]).toEqual([false, false]);
  });

  it('while a statement is under way fails, and the pool goes on with a new connection', async () => {
    const failure = await inTransaction(pool.db, async (tx) => {
      await insert('under way')(tx);
      const [row] = await clientOf(tx)<{ pid: number }[]>`select pg_backend_pid() as pid`;
      const sleeping = clientOf(tx)`select pg_sleep(30)`;
      const killing = settle().then(() => other.db.$client`select pg_terminate_backend(${row?.pid ?? 0})`);
      await Promise.all([sleeping, killing]);
    }).catch((error: unknown) => error);
    expect(isDatabaseUnavailable(failure)).toBe(true);
    expect(await exists('under way')).toBe(false);
    // The driver may tell the first statement of the new connection about the end of the old one.
    await expect
      .poll(() =>
        inTransaction(pool.db, insert('next')).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    expect(await exists('next')).toBe(true);
  });
});
