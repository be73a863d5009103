import { afterAll, describe, expect, it } from 'vitest';
import { connect, type Database } from '../../src/db/connection.ts';
import { selectRecords } from '../../src/introspection/store.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();
// Creating a view is for the owner to do.
const sql = connect(database.owner, { max: 1 });
afterAll(() => sql.end());

interface Column {
  readonly table: string;
  readonly column: string;
}

/** The statement that looks records up, as `selectRecords` sends it. */
async function lookUpStatement(): Promise<string> {
  let statement = '';
  const client = (parts: TemplateStringsArray) => {
    statement = parts.join(`'{}'`);
    return Promise.resolve([{ digest: null, snapshot: '1:1:' }]);
  };
  await selectRecords({ $client: client } as unknown as Database, []);
  return statement;
}

/** All columns that what a replica remembers is made of: PostgreSQL itself says so, of a view of the look-up. */
async function rememberedColumns(): Promise<readonly Column[]> {
  await sql.unsafe(`create view remembered as ${await lookUpStatement()}`);
  return sql<Column[]>`
    select table_name as "table", column_name as "column" from information_schema.view_column_usage
    where view_name = 'remembered' order by 1, 2`;
}

const uuid = () => crypto.randomUUID();
const bytes = () => Buffer.from(uuid().replaceAll('-', '').repeat(2), 'hex');

/** A workspace with a key and two tokens, of which the second one has no secret. */
async function createRecords() {
  const [workspace, otherWorkspace, key, token, bareToken] = [uuid(), uuid(), uuid(), uuid(), uuid()];
  for (const id of [workspace, otherWorkspace]) {
    await sql`insert into workspaces (id, name, token_prefix, created_at, updated_at) values (${id}, ${id}, 'tkn', now(), now())`;
  }
  await sql`
    insert into api_keys (id, workspace_id, environment, name, digest, hint, created_at, created_by)
    values (${key}, ${workspace}, 'live', 'ci', ${bytes()}, '', now(), 'system')`;
  for (const id of [token, bareToken]) {
    await sql`
      insert into tokens (id, workspace_id, environment, name, hint, scopes, metadata, created_at, created_by)
      values (${id}, ${workspace}, 'live', 'billing', '', '{a:read}', '{}', now(), 'system')`;
  }
  await sql`insert into token_secrets (digest, token_id, created_at) values (${bytes()}, ${token}, now())`;
  return { workspace, otherWorkspace, key, token, bareToken };
}

const records = await createRecords();
const columns = await rememberedColumns();

/** Another value for every column, by its name; what is not here is a column that nobody has thought about. */
const OTHER_VALUES: Readonly<Record<string, () => unknown>> = {
  id: uuid,
  workspace_id: () => records.otherWorkspace,
  environment: () => 'test',
  name: () => 'renamed',
  digest: bytes,
  token_id: () => records.bareToken,
  scopes: () => ['b:read'],
  audience: () => 'another',
  metadata: () => ({ changed: true }),
  allowed_cidrs: () => ['192.0.2.0/24'],
  created_by: () => 'somebody',
  created_at: () => new Date(0),
  not_before: () => new Date(1_000),
  expires_at: () => new Date(2_000),
  revoked_at: () => new Date(3_000),
  valid_until: () => new Date(4_000),
  audited_introspections: () => 'all',
};

/** The row of each table that is changed, and how replicas name what is remembered of it. */
function rowOf({ table, column }: Column): { readonly key: string; readonly id: string; readonly kind: string } {
  if (table === 'api_keys') return { key: 'id', id: records.key, kind: 'api_key' };
  // A token with secrets cannot get another id.
  if (table === 'tokens') return { key: 'id', id: column === 'id' ? records.bareToken : records.token, kind: 'token' };
  if (table === 'token_secrets') return { key: 'token_id', id: records.token, kind: 'token' };
  if (table === 'workspaces') {
    // One with keys and tokens cannot get another id.
    return { key: 'id', id: column === 'id' ? records.otherWorkspace : records.workspace, kind: 'workspace' };
  }
  throw new Error(`records are made of the table ${table}, which this test does not know`);
}

/** Thrown to undo a transaction. */
class Undone extends Error {}

/** The invalidations that `work` leaves in its own transaction, which is undone. */
async function invalidationsOf(
  work: (tx: typeof sql) => Promise<{ readonly count: number }>,
): Promise<readonly unknown[]> {
  let found: readonly unknown[] = [];
  await sql
    .begin(async (tx) => {
      const { count } = await work(tx as unknown as typeof sql);
      expect(count).toBeGreaterThan(0);
      found = await tx`
        select subject_kind as kind, subject_id as id from invalidations where xid = pg_current_xact_id()`;
      throw new Undone();
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undone)) throw error;
    });
  return found;
}

describe('what a replica remembers', () => {
  it('is made of columns of keys, tokens, their secrets and their workspaces', () => {
    expect(columns.length).toBeGreaterThan(20);
    expect(new Set(columns.map(({ table }) => table))).toEqual(
      new Set(['api_keys', 'tokens', 'token_secrets', 'workspaces']),
    );
  });

  it.each(columns)('is invalidated by whoever changes $column of $table, in the very transaction', async (column) => {
    const { key, id, kind } = rowOf(column);
    const value = OTHER_VALUES[column.column]?.();
    const found = await invalidationsOf(
      (tx) => tx`update ${tx(column.table)} set ${tx({ [column.column]: value })} where ${tx(key)} = ${id}`,
    );
    expect(found).toContainEqual({ kind, id });
  });

  it.each(['api_keys', 'tokens', 'token_secrets'])('is invalidated by whoever deletes from %s', async (table) => {
    const { key, id, kind } = rowOf({ table, column: '' });
    const found = await invalidationsOf((tx) => tx`delete from ${tx(table)} where ${tx(key)} = ${id}`);
    expect(found).toContainEqual({ kind, id });
  });

  it('as unknown is invalidated by every credential that comes to be', async () => {
    const { workspace, bareToken } = records;
    const found = await Promise.all([
      await invalidationsOf(
        (tx) => tx`insert into token_secrets (digest, token_id, created_at) values (${bytes()}, ${bareToken}, now())`,
      ),
      await invalidationsOf(
        (tx) => tx`
          insert into api_keys (id, workspace_id, environment, name, digest, hint, created_at, created_by)
          values (${uuid()}, ${workspace}, 'live', 'ci', ${bytes()}, '', now(), 'system')`,
      ),
      await invalidationsOf((tx) => tx`update api_keys set digest = ${bytes()} where id = ${records.key}`),
      await invalidationsOf((tx) => tx`update token_secrets set digest = ${bytes()} where token_id = ${records.token}`),
    ]);
    for (const invalidations of found) expect(invalidations).toContainEqual({ kind: 'creation', id: null });
  });

  it('is invalidated for both tokens when a secret moves from one to the other', async () => {
    const { token, bareToken } = records;
    const found = await invalidationsOf(
      (tx) => tx`update token_secrets set token_id = ${bareToken} where token_id = ${token}`,
    );
    for (const id of [token, bareToken]) expect(found).toContainEqual({ kind: 'token', id });
  });

  it('as known and as unknown is invalidated by a second secret beside the first', async () => {
    const found = await invalidationsOf(
      (tx) => tx`
        insert into token_secrets (digest, token_id, created_at, valid_until)
        values (${bytes()}, ${records.token}, now(), now())`,
    );
    expect(found).toContainEqual({ kind: 'token', id: records.token });
    expect(found).toContainEqual({ kind: 'creation', id: null });
  });
});
