import { afterAll, describe, expect, it } from 'vitest';
import { inTransaction, openPool } from '../../src/db/connection.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();
const pool = openPool(database.app, { maxConnections: 2, applicationName: 'work' });
const apart = pool.openApart({ maxConnections: 1, applicationName: 'apart' });
afterAll(() => pool.close());

const read = () => pool.activity.read();

/** Transactions that end when they are told to. */
function holdTransactions(count: number) {
  let end = () => {};
  const told = new Promise<void>((resolve) => {
    end = resolve;
  });
  const work = Array.from({ length: count }, () => inTransaction(pool.db, () => told));
  return { end, all: Promise.all(work) };
}

describe('the activity of a database', () => {
  it('tells the transactions that run from those that wait for a connection', async () => {
    const held = holdTransactions(5);
    await expect.poll(read).toMatchObject({ running: 2, waiting: 3 });
    held.end();
    await held.all;
    expect(read()).toMatchObject({ running: 0, waiting: 0, outcomes: { committed: 5, rolled_back: 0, in_doubt: 0 } });
  });

  it('counts open connections by pool, those of a pool apart with the rest', async () => {
    await apart.db.$client`select 1`;
    expect(read().connections).toEqual({ work: 2, apart: 1 });
    await apart.close();
    await expect.poll(() => read().connections).toEqual({ work: 2, apart: 0 });
  });

  it('tells a transaction that failed from one whose outcome nobody knows', async () => {
    const before = read().outcomes;
    await expect(inTransaction(pool.db, (tx) => tx.execute('select 1/0'))).rejects.toThrow();
    const cut = inTransaction(pool.db, (tx) => tx.execute('select pg_terminate_backend(pg_backend_pid())'));
    await expect(cut).rejects.toThrow();
    const { rolled_back, in_doubt } = read().outcomes;
    expect([rolled_back - before.rolled_back, in_doubt - before.in_doubt]).toEqual([1, 1]);
    expect(read()).toMatchObject({ running: 0, waiting: 0 });
  });
});
