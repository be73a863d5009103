import { expect, onTestFinished, test } from 'vitest';
import { connect, type DatabaseTarget } from '../../src/db/connection.ts';
import { createTestDatabase } from './database.ts';

const [first, second] = [await createTestDatabase(), await createTestDatabase()];

function open(target: DatabaseTarget) {
  const sql = connect(target, { max: 1 });
  onTestFinished(() => sql.end());
  return sql;
}

test('a test database is migrated, and a copy that no other test sees', async () => {
  await open(first.owner)`create table only_here ()`;
  const tables = open(
    second.app,
  )`select to_regclass('workspaces') is not null as migrated, to_regclass('only_here') as other`;
  expect(await tables).toEqual([{ migrated: true, other: null }]);
});
