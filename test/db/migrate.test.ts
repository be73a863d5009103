import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/db/connection.ts';
import { migrate } from '../../src/db/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const empty = await createTestDatabase({ isEmpty: true });
const migrated = await createTestDatabase();

const startTogether = ({ owner, app }: TestDatabase) =>
  Promise.all(Array.from({ length: 6 }, () => migrate(owner, app.user)));

test('replicas that start together on an empty database apply every migration once', async () => {
  await startTogether(empty);
  const sql = connect(empty.owner, { max: 1 });
  onTestFinished(() => sql.end());
  const repeated = sql`select hash from drizzle.__drizzle_migrations group by hash having count(*) > 1`;
  expect(await repeated).toHaveLength(0);
});

test('replicas that start together take turns at setting the rights of a database that needs no migration', async () => {
  expect(await startTogether(migrated)).toEqual(Array.from({ length: 6 }, () => ({ applied: 0 })));
});
