import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatSnapshot, isVisible, parseSnapshot } from '../../src/coherence/snapshot.ts';
import { openPool } from '../../src/db/connection.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();

test('what is visible is what PostgreSQL says, while transactions come and go', async () => {
  const { db, close } = openPool(database.app, { maxConnections: 6, applicationName: 'tooken-test' });
  const sql = db.$client;
  try {
    await Promise.all(
      Array.from({ length: 5 }, async (_, n) => {
        for (let round = 0; round < 20; round += 1) {
          await sql.begin(async (tx) => {
            await tx`select pg_current_xact_id(), pg_sleep(${((n * 7 + round) % 5) / 1000})`;
            const rows = await tx<{ xid: string; snapshot: string; visible: boolean }[]>`
              select xid::text, s.snapshot::text, pg_visible_in_snapshot(xid::text::xid8, s.snapshot) as visible
              from (select pg_current_snapshot() as snapshot) s,
                generate_series(pg_snapshot_xmin(s.snapshot)::text::bigint - 2,
                  pg_snapshot_xmax(s.snapshot)::text::bigint + 2) xid`;
            for (const { xid, snapshot, visible } of rows) {
              expect([xid, snapshot, isVisible(BigInt(xid), parseSnapshot(snapshot))]).toEqual([
                xid,
                snapshot,
                visible,
              ]);
              expect(formatSnapshot(parseSnapshot(snapshot))).toBe(snapshot);
            }
          });
        }
      }),
    );
  } finally {
    await close();
  }
});

test('only snapshots are read as snapshots', () => {
  for (const text of ['', '1', '1:2', '1:2:,', '1:2:3,', 'a:2:', '1:2:3;4', ' 1:2:', '1:2:-3']) {
    expect(() => parseSnapshot(text)).toThrow('not a snapshot');
  }
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9]{1,3}:[0-9]{1,3}:[0-9]?[0-9,]{0,5}$/)), (text) => {
      try {
        expect(formatSnapshot(parseSnapshot(text))).toBe(text);
      } catch (error) {
        expect(String(error)).toContain('not a snapshot');
      }
    }),
  );
});
