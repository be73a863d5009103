import { fileURLToPath } from 'node:url';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import type postgres from 'postgres';
import { StartupError } from '../lib/startup-error.ts';
import { connect, type DatabaseTarget } from './connection.ts';
import { databaseErrorCode } from './errors.ts';

const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../drizzle', import.meta.url));
const OLDEST_SERVER = 150_000;
/** Any constant will do, as long as every version of Tooken uses the same. */
const MIGRATION_LOCK = 7_403_616_281;

export interface MigrationResult {
  /** How many migrations were applied now. */
  readonly applied: number;
}

/**
 * Brings the database of `owner` up to this version, under an advisory lock so that replicas that start together take
 * turns. With an `appRole` of its own, that role gets the rights the service needs and no more. Refuses a database
 * that a newer version has migrated.
 */
export async function migrate(owner: DatabaseTarget, appRole?: string): Promise<MigrationResult> {
  const sql = connect(owner, { max: 1, connection: { application_name: 'tooken-migrate' } });
  try {
    await requireSupportedServer(sql);
    const before = await pendingMigrations(sql);
    if (before > 0) await applyUnderLock(sql);
    if (appRole !== undefined) await grantTo(sql, appRole);
    return { applied: before };
  } catch (error) {
    throw describe(error);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Refuses a database that this version would have to migrate first; changes nothing. */
export async function requireMigrated(target: DatabaseTarget): Promise<void> {
  const sql = connect(target, { max: 1, connection: { application_name: 'tooken-migrate' } });
  try {
    await requireSupportedServer(sql);
    if ((await pendingMigrations(sql)) === 0) return;
    throw new StartupError('The database is not set up for this version of Tooken. Run `tooken migrate` first.');
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function applyUnderLock(sql: postgres.Sql): Promise<void> {
  await sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
  try {
    await applyMigrations(drizzle(sql), { migrationsFolder: MIGRATIONS_FOLDER });
  } finally {
    await sql`select pg_advisory_unlock(${MIGRATION_LOCK})`;
  }
}

async function requireSupportedServer(sql: postgres.Sql): Promise<void> {
  const [row] = await sql<{ version: number }[]>`select current_setting('server_version_num')::int as version`;
  if (row === undefined || row.version < OLDEST_SERVER) {
    throw new StartupError(
      'The database server is older than PostgreSQL 15. Upgrade it, or point DATABASE_URL to a newer one.',
    );
  }
}

async function pendingMigrations(sql: postgres.Sql): Promise<number> {
  const { pending, isNewer } = await readMigrationState(sql);
  if (!isNewer) return pending;
  throw new StartupError(
    'A newer version of Tooken has migrated this database. Start that version, or restore a backup.',
  );
}

/** How far a database is from this version. */
export interface MigrationState {
  /** How many of this version's migrations it lacks. */
  readonly pending: number;
  /** It has some that this version does not know. */
  readonly isNewer: boolean;
}

export async function readMigrationState(sql: postgres.Sql): Promise<MigrationState> {
  const known = readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER });
  const [table] = await sql<{ exists: boolean }[]>`
    select to_regclass('drizzle.__drizzle_migrations') is not null as exists`;
  if (table?.exists !== true) return { pending: known.length, isNewer: false };
  const applied = await sql<{ created_at: string }[]>`
    select created_at from drizzle.__drizzle_migrations order by created_at`;
  const newest = Number(applied.at(-1)?.created_at ?? 0);
  return {
    pending: known.filter((migration) => migration.folderMillis > newest).length,
    isNewer: newest > (known.at(-1)?.folderMillis ?? 0),
  };
}

/**
 * The service's role may read and write working tables, add to the append-only ones, and change nothing of the
 * schema. Running this at every migration keeps the rights right when tables come or the role changes.
 */
async function grantTo(sql: postgres.Sql, appRole: string): Promise<void> {
  const role = sql(appRole);
  const [found] = await sql`select from pg_roles where rolname = ${appRole}`;
  if (found === undefined)
    throw new StartupError(`DATABASE_URL: the database server has no role ${appRole}. Create it.`);
  await sql.begin(async (tx) => {
    // Rights on one table that two change at once are an error, so replicas that start together take turns here, too.
    await tx`select pg_advisory_xact_lock(${MIGRATION_LOCK})`;
    await tx`grant usage on schema public, drizzle to ${role}`;
    await tx`grant select on drizzle.__drizzle_migrations to ${role}`;
    await tx`grant select, insert, update, delete on all tables in schema public to ${role}`;
    await tx`revoke update, delete, truncate on ${tx.unsafe(APPEND_ONLY_TABLES.join(', '))} from ${role}`;
    // Personal data goes through this function, which sees to it that an event tells of it.
    await tx`revoke insert on audit_erasures from ${role}`;
    await tx`grant execute on function erase_personal_data(uuid, uuid, text, text, integer) to ${role}`;
    // Heads only grow: without its head a log would begin anew, and stand still at its first leaf.
    await tx`revoke delete on audit_logs from ${role}`;
    await tx`grant usage on all sequences in schema public to ${role}`;
  });
}

/** Rows of these go by erasures, and in no other way. */
export const ERASABLE_TABLES = ['audit_private', 'audit_sources'];

/** Rows of these are never changed, nor removed but by erasures: by privilege here and by trigger in the migrations. */
export const APPEND_ONLY_TABLES = [
  'audit_events',
  'audit_leaves',
  'audit_targets',
  ...ERASABLE_TABLES,
  'audit_tiles',
  'audit_log_keys',
  'audit_checkpoints',
  'audit_cosignatures',
  'audit_erasures',
  'audit_introspections',
  'audit_words',
];

function describe(error: unknown): unknown {
  if (error instanceof StartupError) return error;
  const code = databaseErrorCode(error);
  if (code === '42501') {
    return new StartupError(
      'The database has to be migrated, and its role may not do that. Set MIGRATION_DATABASE_URL to the owner role, or run `tooken migrate` with it.',
    );
  }
  return error;
}
