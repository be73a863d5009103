import type postgres from 'postgres';
import { hexUuid } from './tokens.ts';
import type { SeededWorkspace } from './workspace.ts';

/** So many events have this action, and so many this actor, however many events there are. */
export const RARE_COUNT = 20;
export const RARE_ACTION = 'settings.updated';
/** A window of the log with exactly so many events of both environments. */
const WINDOW_EVENTS = 500;
/** If there are so many tokens; else more. */
const EVENTS_PER_TARGET = 4;

/** What to ask the log for. */
export interface SeededLog {
  /** Has about 1 % of the events. */
  readonly actorId: string;
  /** Has about 7 % of the events, so that a second filter still leaves a full page of them, however few there are. */
  readonly busyActorId: string;
  /** Has four events, unless there are few tokens. */
  readonly targetId: string;
  readonly since: string;
  readonly until: string;
}

/**
 * Fills the log of the workspace with `count` events about the tokens in `seed_tokens`, one a second until now, as the
 * service would have written them and the sequencer placed them: canonical leaves, salted commitments that open, hashes.
 */
export async function seedAuditLog(sql: postgres.Sql, workspace: SeededWorkspace, count: number): Promise<SeededLog> {
  await sql.unsafe(SUFFIX_FUNCTION);
  await sql`alter table audit_events disable trigger audit_events_clock`;
  await stageEvents(sql, workspace, count);
  await insertEvents(sql, workspace);
  // The words and counts of a leaf are read off its event, by a trigger.
  await Promise.all([insertPrivateParts(sql, workspace), insertIndex(sql, workspace, count)]);
  await sql`alter table audit_events enable trigger audit_events_clock`;
  const log = await describeLog(sql, count);
  await sql`drop table seed_events, seed_tokens`;
  for (const table of ['events', 'private', 'leaves', 'targets', 'sources', 'words', 'counts'])
    await sql.unsafe(`vacuum analyze audit_${table}`);
  return log;
}

/**
 * The 26 characters of a TypeID after its prefix, for the UUIDs of `hexUuid`: ten for two zero bits and the 48 bits of
 * the time, four for version and variant, twelve for the number. An expression, so that PostgreSQL inlines it.
 */
const SUFFIX_FUNCTION = `
  create or replace function seed_suffix(ms bigint, n bigint) returns text language sql immutable parallel safe as $$
    select ${base32('ms', 10)} || 'e008000000' || ${base32('n', 6)}
  $$`;

function base32(value: string, characters: number): string {
  const digits = Array.from({ length: characters }, (_, n) => `((${value} >> ${(characters - 1 - n) * 5}) & 31)::int`);
  return digits.map((digit) => `substr('0123456789abcdefghjkmnpqrstvwxyz', ${digit} + 1, 1)`).join(' || ');
}

/** Actors: 50 API keys of which a few do most of the work, and one token that has done little. */
async function stageEvents(sql: postgres.Sql, { id, apiKeyId }: SeededWorkspace, count: number): Promise<void> {
  const salt = sql`sha256(uuid_send(gen_random_uuid()))`;
  await sql`create unlogged table seed_events as
    with drawn as (
      select n, ms, created_at, ${hexUuid(sql)} as id, n % 100 as kind, n % (${count}::int / ${RARE_COUNT}) = 13 as is_rare,
        floor(50 * power(((n * 2654435761) % 4294967296) / 4294967296.0, 3))::int as key_number,
        (n * 7919) % least(${count}::int / ${EVENTS_PER_TARGET}, (select count(*) from seed_tokens)) as token_number
      from generate_series(0, ${count}::bigint - 1) as n
      cross join lateral (select date_trunc('milliseconds', now()) - (${count}::int - n) * interval '1 second' as created_at)
      cross join lateral (select (extract(epoch from created_at) * 1000)::bigint as ms)
    ), named as (
      select drawn.n, drawn.id, created_at as occurred_at, is_rare, seed_suffix(ms, n) as suffix,
        case when is_rare then ${RARE_ACTION} when kind < 60 then 'token.created' when kind < 75 then 'token.rotated'
          when kind < 85 then 'token.updated' when kind < 92 then 'token.revoked' when kind < 93 then 'token.used_from_new_source'
          else 'request.denied' end as action,
        case when n % 10 = 9 then 'test' else 'live' end as environment,
        case when is_rare then 'token' else 'api_key' end as actor_type,
        case when is_rare then 'tkn_' || seed_suffix(0, 1)
          when key_number = 0 then ${apiKeyId}
          else 'key_' || seed_suffix(0, key_number)
          end as actor_id,
        'key-' || key_number as actor_name, 'tkn_' || seed_suffix(token_ms, token_number) as token_id, token.name as token_name,
        '192.0.2.' || n % 250 as ip, ${salt} as actor_salt, ${salt} as target_salt, ${salt} as source_salt
      from drawn join (select n as token_number, ms as token_ms, name from seed_tokens) as token using (token_number)
    ), opened as (
      select *, convert_to(format('{"name":"%s"}', actor_name), 'UTF8') as actor_payload,
        convert_to(format('{"name":"%s"}', token_name), 'UTF8') as target_payload,
        convert_to(format('{"ip":"%s","user_agent":"deploy-pipeline/3.1 (linux)"}', ip), 'UTF8') as source_payload
      from named
    )
    select *, convert_to(format(
      '{"action":"%s","actor":{"commitment":"%s","id":"%s","type":"%s"},"changes":%s,"count":1,"environment":"%s",'
      '"first_at":null,"id":"evt_%s","last_at":null,"occurred_at":"%s","operation":"%s","outcome":"%s","reason":%s,'
      '"request":{"id":"req_%s","method":"POST","route":"/v1/tokens"},"schema_version":1,'
      '"source":{"commitment":"%s"},"targets":[{"commitment":"%s","id":"%s","type":"token"}],"workspace":"%s"}',
      action, encode(sha256(actor_salt || actor_payload), 'hex'), actor_id, actor_type,
      case when action = 'token.created' then '[{"field":"scopes","new":["invoices:read","payments:write"],"old":null}]'
        else '[]' end,
      environment, suffix, to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      case action when 'token.created' then 'create' when 'request.denied' then 'access'
        when 'token.used_from_new_source' then 'access' else 'modify' end,
      case action when 'request.denied' then 'denied' else 'success' end,
      case action when 'request.denied' then '"insufficient_scope"' else 'null' end,
      suffix, encode(sha256(source_salt || source_payload), 'hex'),
      encode(sha256(target_salt || target_payload), 'hex'), token_id, ${id}::text
    ), 'UTF8') as leaf
    from opened order by n`;
}

async function insertEvents(sql: postgres.Sql, { uuid }: SeededWorkspace): Promise<void> {
  await sql`
    insert into audit_events (id, log_id, occurred_at, leaf)
    select id, ${uuid}, occurred_at, leaf from seed_events order by n`;
}

async function insertPrivateParts(sql: postgres.Sql, { uuid }: SeededWorkspace): Promise<void> {
  await sql`
    insert into audit_private (event_id, slot, log_id, subject_type, subject_id, salt, payload)
    select id, slot, ${uuid}, subject_type, subject_id, salt, payload
    from seed_events cross join lateral (values
      ('actor', actor_type, actor_id, actor_salt, actor_payload),
      ('source', 'source', ip, source_salt, source_payload),
      ('target/0', 'token', token_id, target_salt, target_payload)
    ) as part (slot, subject_type, subject_id, salt, payload)
    order by n`;
}

async function insertIndex(sql: postgres.Sql, { uuid }: SeededWorkspace, count: number): Promise<void> {
  await sql`
    with head as (
      insert into audit_logs (id, size, logged_at) select ${uuid}, ${count}, max(occurred_at) from seed_events
    )
    insert into audit_leaves (log_id, leaf_index, event_id, hash, environment, action, outcome, actor_id, request_id,
      occurred_at, logged_at)
    select ${uuid}, n, id, sha256('\\x00'::bytea || leaf), environment, action,
      case action when 'request.denied' then 'denied' else 'success' end, actor_id, 'req_' || suffix, occurred_at,
      occurred_at
    from seed_events order by n`;
  await sql`
    insert into audit_targets (log_id, environment, target_id, leaf_index)
    select ${uuid}, environment, token_id, n from seed_events order by n`;
  await sql`
    insert into audit_sources (log_id, environment, ip, leaf_index)
    select ${uuid}, environment, ip, n from seed_events order by n`;
}

async function describeLog(sql: postgres.Sql, count: number): Promise<SeededLog> {
  const middle = Math.floor(count / 2);
  const [row] = await sql<{ actor_id: string; busy_actor_id: string; target_id: string; since: Date; until: Date }[]>`
    select (select actor_id from seed_events where actor_name = 'key-25' and not is_rare limit 1) as actor_id,
      (select actor_id from seed_events where actor_name = 'key-1' and not is_rare limit 1) as busy_actor_id,
      (select token_id from seed_events where n = ${middle} and environment = 'live') as target_id,
      (select occurred_at from seed_events where n = ${middle}) as since,
      (select occurred_at from seed_events where n = ${middle + WINDOW_EVENTS}) as until`;
  if (row === undefined) throw new Error('nothing was seeded');
  return {
    actorId: row.actor_id,
    busyActorId: row.busy_actor_id,
    targetId: row.target_id,
    since: row.since.toISOString(),
    until: row.until.toISOString(),
  };
}
