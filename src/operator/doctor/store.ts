import { nameOfLog } from '../../audit/checkpoints/log-name.ts';
import { selectFingerprint } from '../../credentials/store.ts';
import type { Database } from '../../db/connection.ts';
import { APPEND_ONLY_TABLES, ERASABLE_TABLES, readMigrationState } from '../../db/migrate.ts';
import { selectVitals } from '../../db/vitals.ts';
import type { Clock } from '../../lib/clock.ts';
import type {
  ContentFacts,
  DatabaseFacts,
  HaltedLogFacts,
  PeopleFacts,
  ReplicaFacts,
  RoleFacts,
  ServerFacts,
} from './facts.ts';
import { selectWitnessFacts } from './witness-store.ts';

/** Looks at a database, and changes nothing in it. */
export async function selectDatabaseFacts(
  db: Database,
  { clock, witnesses }: { readonly clock: Clock; readonly witnesses: readonly string[] },
): Promise<DatabaseFacts> {
  const server = await selectServer(db, clock);
  const migrations = await readMigrationState(db.$client);
  const isOfThisVersion = migrations.pending === 0 && !migrations.isNewer;
  return {
    server,
    role: await selectRole(db),
    migrations,
    clockAheadMs: await measureClock(db, clock),
    contents: isOfThisVersion ? await selectContents(db, witnesses) : undefined,
  };
}

const SAMPLES = 5;

async function selectServer(db: Database, clock: Clock): Promise<ServerFacts> {
  const [row] = await db.$client<Omit<ServerFacts, 'latencyMs' | 'connections'>[]>`
    select current_setting('server_version') as version, current_setting('server_version_num')::int as "versionNumber",
      current_setting('server_encoding') as encoding,
      pg_is_in_recovery() or current_setting('transaction_read_only')::boolean as "isReadOnly",
      array(
        select name from pg_settings
        where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off' order by name
      ) as "settingsOff"`;
  const [connections] = await db.$client<ServerFacts['connections'][]>`
    select least(
        (select sum(case name when 'max_connections' then setting::int else -setting::int end)::int from pg_settings
          where name in ('max_connections', 'superuser_reserved_connections', 'reserved_connections')),
        (select nullif(datconnlimit, -1) from pg_database where datname = current_database()),
        (select nullif(rolconnlimit, -1) from pg_roles where rolname = current_user)
      ) as limit,
      (select sum(numbackends)::int from pg_stat_database) as used,
      (select count(*)::int from pg_stat_activity
        where usename = current_user and datname = current_database() and application_name like 'tooken%') as own`;
  const latencies: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const start = clock.monotonicMs();
    await db.$client`select 1`;
    latencies.push(clock.monotonicMs() - start);
  }
  return { ...rowOf(row), connections: rowOf(connections), latencyMs: medianOf(latencies) };
}

async function selectRole(db: Database): Promise<RoleFacts> {
  const [row] = await db.$client<RoleFacts[]>`
    select current_user as name, (select rolsuper from pg_roles where rolname = current_user) as "isSuperuser",
      exists (
        select from pg_class where relnamespace = to_regnamespace('public') and relkind = 'r'
          and relname = any(${APPEND_ONLY_TABLES}) and pg_has_role(current_user, relowner, 'usage')
      ) as "isOwner"`;
  return rowOf(row);
}

/** In the middle of the way there and back the two clocks showed this. */
async function measureClock(db: Database, clock: Clock): Promise<number> {
  const before = clock.now().getTime();
  const [row] = await db.$client<{ now: number }[]>`
    select extract(epoch from clock_timestamp())::float8 * 1000 as now`;
  const after = clock.now().getTime();
  return (before + after) / 2 - rowOf(row).now;
}

async function selectPeople(db: Database): Promise<PeopleFacts> {
  const [row] = await db.$client<PeopleFacts[]>`
    select (select count(*)::int from workspaces) as workspaces, (
      select count(*)::int from members
      where access = 'owner' and can_sign_in and joined_at is not null and password_hash is not null and removed_at is null
    ) as owners`;
  return rowOf(row);
}

async function selectContents(db: Database, witnesses: readonly string[]): Promise<ContentFacts> {
  const rights = await selectRights(db);
  const [row] = await db.$client<{ hasNameIndex: boolean; oldestInvalidationMs: number }[]>`
    select to_regclass('public.tokens_by_name') is not null as "hasNameIndex",
      coalesce((
        select greatest(0, extract(epoch from clock_timestamp() - at)::float8 * 1000)
        from invalidations order by xid limit 1
      ), 0) as "oldestInvalidationMs"`;
  return {
    ...rights,
    ...rowOf(row),
    missingTriggers: await selectMissingTriggers(db),
    fingerprint: await selectFingerprint(db),
    people: await selectPeople(db),
    replicas: await selectReplicaFacts(db),
    vitals: await selectVitals(db),
    haltedLogs: await selectHaltedLogs(db),
    witnesses: await selectWitnessFacts(db, witnesses),
  };
}

const MOST_HALTED = 100;

async function selectHaltedLogs(db: Database): Promise<HaltedLogFacts[]> {
  const rows = await db.$client<{ id: string; reason: string }[]>`
    select id, halt_reason as reason from audit_logs where halt_reason is not null order by id limit ${MOST_HALTED}`;
  return rows.map(({ id, reason }) => ({ log: nameOfLog(id), reason }));
}

/** As `grantTo` in db/migrate.ts gives them. */
async function selectRights(db: Database): Promise<Pick<ContentFacts, 'excessRights' | 'missingRights'>> {
  const rows = await db.$client<{ right: string; isHeld: boolean; isMeant: boolean }[]>`
    select privilege || ' on ' || name as right,
      has_table_privilege(current_user, format('public.%I', name), privilege) as "isHeld",
      privilege <> 'TRUNCATE'
        and (privilege in ('SELECT', 'INSERT') or name <> all(${APPEND_ONLY_TABLES}))
        and not (privilege = 'DELETE' and name = 'audit_logs')
        and not (privilege = 'INSERT' and name = 'audit_erasures') as "isMeant"
    from (select tablename as name from pg_tables where schemaname = 'public') tables
      cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) as privilege
    where privilege <> 'TRUNCATE' or name = any(${APPEND_ONLY_TABLES})
    order by name, privilege`;
  return {
    excessRights: rows.filter(({ isHeld, isMeant }) => isHeld && !isMeant).map(({ right }) => right),
    missingRights: rows.filter(({ isHeld, isMeant }) => !isHeld && isMeant).map(({ right }) => right),
  };
}

function guardsOf(table: string): string[] {
  const guards = ERASABLE_TABLES.includes(table) ? ['is_never_changed', 'is_only_erased'] : ['is_append_only'];
  return [...guards, 'is_never_truncated'].map((guard) => `${table}_${guard}`);
}

/** The migrations have made them: some keep records from being changed, some tell replicas of changes. */
async function selectMissingTriggers(db: Database): Promise<string[]> {
  const guards = APPEND_ONLY_TABLES.flatMap(guardsOf);
  const rows = await db.$client<{ name: string }[]>`
    with present as (
      select tgname as name, tgenabled <> 'D' as is_enabled from pg_trigger
        join pg_class on pg_class.oid = tgrelid
      where not tgisinternal and relnamespace = to_regnamespace('public')
    )
    select name from unnest(${guards}::text[]) as guard (name) where name not in (select name from present)
    union all
    select name from present where not is_enabled
    order by name`;
  return rows.map(({ name }) => name);
}

async function selectReplicaFacts(db: Database): Promise<ReplicaFacts[]> {
  return db.$client<ReplicaFacts[]>`
    select address, lease_ms as "leaseMs",
      greatest(0, extract(epoch from clock_timestamp() - started_at)::float8 * 1000) as "ageMs",
      greatest(0, extract(epoch from clock_timestamp() - renewed_at)::float8 * 1000) as "sinceRenewalMs"
    from replicas order by started_at`;
}

function rowOf<Row>(row: Row | undefined): Row {
  if (row === undefined) throw new Error('a statement without its row');
  return row;
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
