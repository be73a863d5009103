import { afterAll, describe, expect, it } from 'vitest';
import { inTransaction, openPool } from '../../src/db/connection.ts';
import { createSignInKeys } from '../../src/identity/sign-in/keys.ts';
import { clearFailures, countFailure, purgeFailures, readLock } from '../../src/identity/sign-in/lockout.ts';
import { newId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();
const { db, close } = openPool(database.app, { maxConnections: 8, applicationName: 'tooken-test' });
afterAll(close);

const keys = createSignInKeys(Buffer.alloc(32, 7));
const source = { clock: { now: () => new Date(), monotonicMs: () => 0 }, random: systemRandom };
let made = 0;
const newKey = () => {
  made += 1;
  return keys.accountCounter('workspace', `${made}@example.com`);
};
const start = new Date('2027-01-01T00:00:00Z');
const later = (seconds: number) => new Date(start.getTime() + seconds * 1000);

describe('failures', () => {
  it('lock with the fifth, for 15 minutes to the millisecond', async () => {
    const key = newKey();
    const counted = [];
    for (let n = 0; n < 5; n += 1) counted.push(await countFailure(db, key, later(n)));
    expect(counted.map(({ failures }) => failures)).toEqual([1, 2, 3, 4, 5]);
    expect(counted.map(({ lockedUntil }) => lockedUntil)).toEqual([
      ...Array.from({ length: 4 }, () => undefined),
      later(4 + 900),
    ]);
    expect(await readLock(db, key, new Date(later(904).getTime() - 1))).toEqual(later(904));
    expect(await readLock(db, key, later(904))).toBeUndefined();
  });

  it('are each counted, however many come at once', async () => {
    const key = newKey();
    const counted = await Promise.all(Array.from({ length: 50 }, () => countFailure(db, key, start)));
    expect(counted.map(({ failures }) => failures).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, n) => n + 1),
    );
    expect(counted.filter(({ lockedUntil }) => lockedUntil === undefined)).toHaveLength(4);
  });

  it('during a lock make it no longer', async () => {
    const key = newKey();
    for (let n = 0; n < 5; n += 1) await countFailure(db, key, start);
    expect(await countFailure(db, key, later(600))).toEqual({ failures: 6, lockedUntil: later(900) });
  });

  it('begin anew when a lock has ended, or a day after the last one', async () => {
    const [locked, old] = [newKey(), newKey()];
    for (let n = 0; n < 5; n += 1) await countFailure(db, locked, start);
    for (let n = 0; n < 4; n += 1) await countFailure(db, old, start);
    expect(await countFailure(db, locked, later(900))).toEqual({ failures: 1, lockedUntil: undefined });
    expect(await countFailure(db, old, later(86_401))).toEqual({ failures: 1, lockedUntil: undefined });
  });

  it('are forgotten by a completed sign-in, but not once they have locked', async () => {
    const [few, many] = [newKey(), newKey()];
    for (let n = 0; n < 4; n += 1) await countFailure(db, few, start);
    for (let n = 0; n < 5; n += 1) await countFailure(db, many, start);
    expect(await inTransaction(db, (tx) => clearFailures(tx, few, later(1)))).toBeUndefined();
    expect(await inTransaction(db, (tx) => clearFailures(tx, many, later(1)))).toEqual(later(900));
    expect((await countFailure(db, few, later(2))).failures).toBe(1);
    expect((await countFailure(db, many, later(2))).failures).toBe(6);
  });

  it('of different emails, workspaces, devices and sessions are counted apart', () => {
    const [member, other] = [newId('usr', source), newId('usr', source)];
    const device = 'tokd_x' as never;
    const all = [
      keys.accountCounter('a', 'b'),
      keys.accountCounter('ab', ''),
      keys.accountCounter('a', 'c'),
      keys.deviceCounter(device, member),
      keys.deviceCounter(device, other),
      keys.sessionCounter('a' as never),
      createSignInKeys(Buffer.alloc(32, 8)).accountCounter('a', 'b'),
    ].map((key) => key.toString('hex'));
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('the purge', () => {
  it('removes what is older than a day, and the oldest of too many', async () => {
    await db.$client`delete from sign_in_failures`;
    for (let n = 0; n < 6; n += 1) await countFailure(db, newKey(), later(n));
    const clock = { now: () => later(86_400 + 1.5), monotonicMs: () => 0 };
    expect(await purgeFailures({ db, clock })).toBe(2);
    expect(await purgeFailures({ db, clock }, 3)).toBe(1);
    expect(await purgeFailures({ db, clock }, 3)).toBe(0);
  });
});
