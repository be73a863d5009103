import type postgres from 'postgres';
import type { SeededWorkspace } from './workspace.ts';

/** So many of a hundred tokens were used at some time, and of those so many within a day and within 90 days. */
const USED = 80;
const USED_TODAY = 60;
const USED_LATELY = 90;
/** One in so many tokens belongs to a member, each member in turn. */
const TOKENS_PER_OWNED = 20;
/** One in so many tokens is presented once it is over. */
const TOKENS_PER_DENIED = 50;
/** One in so many tokens has come from a new place when it was last used; the others from where they always come. */
const TOKENS_PER_MOVED = 50;

/**
 * Gives the tokens in `seed_tokens` a past: issued at even intervals over the last year, with ends from yesterday on until half
 * a year ahead or none, some of them owned by members, and used as the service would have counted it, by the minute, hour
 * and day, until now.
 */
export async function seedUsage(
  sql: postgres.Sql,
  { uuid, apiKeyId }: SeededWorkspace,
  memberUuids: readonly string[],
): Promise<void> {
  await sql`
    update tokens t set created_at = now() - interval '1 year' * (1 - n::float8 / (select count(*) from seed_tokens)),
      expires_at = case when n % 3 = 0 then null when t.expires_at < now() then t.expires_at
        else now() + interval '1 hour' * (n * 7919 % 4320) end,
      owner_id = case when n % ${TOKENS_PER_OWNED}::int = 0
        then (${[...memberUuids]}::uuid[])[n / ${TOKENS_PER_OWNED}::int % ${memberUuids.length}::int + 1] end
    from seed_tokens where seed_tokens.id = t.id`;
  await sql`create unlogged table seed_uses as
    select n, t.id, t.created_at, chance, '192.0.2.' || n % 250 as source,
      least(now(), greatest(t.created_at, case when chance < ${(USED * USED_TODAY) / 100}::int then now() - interval '1 second' * (n % 80000)
        when chance < ${(USED * USED_LATELY) / 100}::int then now() - interval '1 day' * (1 + n % 89)
        else now() - interval '1 day' * (90 + n % 200) end)) as last_used_at,
      case when n % ${TOKENS_PER_DENIED}::int = 3 then 'expired' else 'active' end as outcome
    from seed_tokens join tokens t using (id) cross join lateral (select (n * 2654435761 / 65536) % 100 as chance) as drawn
    where chance < ${USED}::int`;
  await sql`
    insert into credential_uses (credential_id, last_used_at, last_used_from)
    select id, last_used_at, source from seed_uses order by id`;
  await sql`
    insert into token_sources (token_id, is_admitted, source, seen_at, first_seen_at)
    select id, outcome = 'active', source, last_used_at,
      case when n % ${TOKENS_PER_MOVED}::int > 0 then created_at end
    from seed_uses order by id`;
  await insertCounts(sql, { uuid, apiKeyId });
  await sql`
    insert into usage_totals (workspace_id, environment, introspector_id, outcome, bucket_seconds, starts_at, uses)
    select workspace_id, environment, introspector_id, outcome, bucket_seconds, starts_at, sum(uses)
    from token_usage where bucket_seconds > 60 group by 1, 2, 3, 4, 5, 6`;
  await sql`drop table seed_uses`;
  for (const table of ['tokens', 'credential_uses', 'token_sources', 'token_usage', 'usage_totals'])
    await sql.unsafe(`vacuum analyze ${table}`);
}

/** Of each token up to ten days, three apart, six hours and four minutes, the last of each that of its last use. */
async function insertCounts(
  sql: postgres.Sql,
  { uuid, apiKeyId }: Pick<SeededWorkspace, 'uuid' | 'apiKeyId'>,
): Promise<void> {
  await sql`
    insert into token_usage (workspace_id, environment, token_id, introspector_id, source, outcome, secret, bucket_seconds,
      starts_at, uses, last_used_at)
    select ${uuid}, 'live', used.id, ${apiKeyId}, used.source, used.outcome, 'current', kept.seconds,
      to_timestamp(floor(extract(epoch from at) / kept.seconds) * kept.seconds), 1 + used.n % 50, at
    from seed_uses used
      cross join (values (60, 4, 1), (3600, 6, 1), (86400, 10, 3)) as kept (seconds, buckets, apart)
      cross join generate_series(0, 9) as back
      cross join lateral (
        select used.last_used_at - interval '1 second' * kept.seconds * kept.apart * back as at) as past
    where back < kept.buckets and (kept.seconds > 60 or at > now() - interval '48 hours')
    order by used.id, kept.seconds, back desc`;
}
