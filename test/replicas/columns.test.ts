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
  await selectRecords({ $client: client } as unknown as Database, [], []);
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

/** A workspace with a key, a member, and two tokens that it owns, of which the second one has no secret. */
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
  return { workspace, otherWorkspace, key, token, bareToken, ...(await createPeople(workspace)) };
}

/** A member with a role, a group and a session; another one, another role, group and project, with nothing. */
async function createPeople(workspace: string) {
  const [member, bareMember, role, otherRole, bareRole] = [uuid(), uuid(), uuid(), uuid(), uuid()];
  const [group, otherGroup, project, session] = [uuid(), uuid(), uuid(), uuid()];
  for (const id of [member, bareMember]) {
    await sql`
      insert into members (id, workspace_id, email, name, access, created_at, created_by)
      values (${id}, ${workspace}, ${id}, 'Ada', 'member', now(), 'system')`;
  }
  for (const id of [role, otherRole, bareRole]) {
    await sql`
      insert into roles (id, workspace_id, name, scopes, created_at, created_by, updated_at)
      values (${id}, ${workspace}, ${id}, '{a:read}', now(), 'system', now())`;
  }
  for (const id of [group, otherGroup]) {
    await sql`
      insert into visibility_groups (id, workspace_id, name, created_at, created_by, updated_at)
      values (${id}, ${workspace}, ${id}, now(), 'system', now())`;
  }
  await sql`
    insert into projects (id, workspace_id, name, created_at, created_by, updated_at)
    values (${project}, ${workspace}, 'one', now(), 'system', now())`;
  await sql`insert into member_roles (workspace_id, member_id, role_id) values (${workspace}, ${member}, ${role})`;
  await sql`insert into member_groups (workspace_id, member_id, group_id) values (${workspace}, ${member}, ${group})`;
  await sql`
    insert into sessions (id, member_id, generation, kind, created_at, expires_at, authenticated_at, last_seen_at)
    values (${session}, ${member}, 1, 'api', now(), now() + interval '1 day', now(), now())`;
  return { member, bareMember, role, otherRole, bareRole, group, otherGroup, project, session };
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
  role_id: () => records.otherRole,
  owner_id: () => records.bareMember,
  project_id: () => records.project,
  group_id: () => records.otherGroup,
  member_id: () => records.bareMember,
  email: () => 'another',
  access: () => 'admin',
  generation: () => 2,
  removed_at: () => new Date(5_000),
  ended_at: () => new Date(6_000),
};

interface ChangedRow {
  readonly key: string;
  readonly id: string;
  readonly kind: string;
  /** Whom the invalidation names, if not the row itself. */
  readonly of?: string;
}

/** The row of each table that is changed, and how replicas name what is remembered of it. */
function rowOf({ table, column }: Column): ChangedRow {
  if (table === 'api_keys') return { key: 'id', id: records.key, kind: 'api_key' };
  // A token with secrets cannot get another id.
  if (table === 'tokens') return { key: 'id', id: column === 'id' ? records.bareToken : records.token, kind: 'token' };
  if (table === 'token_secrets') return { key: 'token_id', id: records.token, kind: 'token' };
  if (table === 'workspaces') {
    // One with keys and tokens cannot get another id.
    return { key: 'id', id: column === 'id' ? records.otherWorkspace : records.workspace, kind: 'workspace' };
  }
  const { member, bareMember, role, bareRole, group, session } = records;
  // Neither a member nor a role that somebody refers to can get another id or workspace.
  const isIdentity = column === 'id' || column === 'workspace_id';
  if (table === 'members') return { key: 'id', id: isIdentity ? bareMember : member, kind: 'member' };
  if (table === 'roles') return { key: 'id', id: isIdentity ? bareRole : role, kind: 'role' };
  if (table === 'member_roles' || table === 'member_groups') return { key: 'member_id', id: member, kind: 'member' };
  if (table === 'visibility_groups') return { key: 'id', id: group, kind: 'member', of: member };
  if (table === 'sessions') return { key: 'id', id: session, kind: 'session' };
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
  it('is made of columns of keys, tokens and sessions, and of what these rest on', () => {
    expect(columns.length).toBeGreaterThan(20);
    expect(new Set(columns.map(({ table }) => table))).toEqual(
      new Set([
        'api_keys',
        'tokens',
        'token_secrets',
        'workspaces',
        'members',
        'roles',
        'member_roles',
        'member_groups',
        'visibility_groups',
        'sessions',
      ]),
    );
  });

  // A group that has members, and only such a one is remembered, cannot get another id: foreign keys see to it.
  const changeable = columns.filter(({ table, column }) => !(table === 'visibility_groups' && column === 'id'));

  it.each(changeable)(
    'is invalidated by whoever changes $column of $table, in the very transaction',
    async (column) => {
      const { key, id, kind, of = id } = rowOf(column);
      const value = OTHER_VALUES[column.column]?.();
      const found = await invalidationsOf(
        (tx) => tx`update ${tx(column.table)} set ${tx({ [column.column]: value })} where ${tx(key)} = ${id}`,
      );
      expect(found).toContainEqual({ kind, id: of });
    },
  );

  it.each([
    'api_keys',
    'tokens',
    'token_secrets',
    'roles',
    'member_roles',
    'member_groups',
    'visibility_groups',
    'sessions',
  ])('is invalidated by whoever deletes from %s', async (table) => {
    const { key, id, kind, of = id } = rowOf({ table, column: '' });
    const found = await invalidationsOf((tx) => tx`delete from ${tx(table)} where ${tx(key)} = ${id}`);
    expect(found).toContainEqual({ kind, id: of });
  });

  it('of a member is invalidated when it gets a role or a group, and when it goes', async () => {
    const { workspace, bareMember, otherRole, otherGroup } = records;
    const found = await Promise.all([
      await invalidationsOf(
        (tx) =>
          tx`insert into member_roles (workspace_id, member_id, role_id) values (${workspace}, ${bareMember}, ${otherRole})`,
      ),
      await invalidationsOf(
        (tx) =>
          tx`insert into member_groups (workspace_id, member_id, group_id) values (${workspace}, ${bareMember}, ${otherGroup})`,
      ),
      await invalidationsOf((tx) => tx`delete from members where id = ${bareMember}`),
    ]);
    for (const invalidations of found) expect(invalidations).toContainEqual({ kind: 'member', id: bareMember });
  });

  it('is left alone when a member or its session was merely seen', async () => {
    const { member, session } = records;
    expect(
      await invalidationsOf((tx) => tx`update members set last_signed_in_at = now() where id = ${member}`),
    ).toEqual([]);
    expect(await invalidationsOf((tx) => tx`update sessions set last_seen_at = now() where id = ${session}`)).toEqual(
      [],
    );
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
