import type { Database } from '../../db/connection.ts';
import type { WitnessFacts } from './facts.ts';

/** A witness that was away for a moment is not worth a word. Of each log the last 50 cosignatures are looked at. */
export async function selectWitnessFacts(db: Database, names: readonly string[]): Promise<WitnessFacts[]> {
  if (names.length === 0) return [];
  return await db.$client<WitnessFacts[]>`
    with latest as (
      select log.id as log_id, stored.generation, stored.size, stored.created_at
      from audit_logs log cross join lateral (
        select generation, size, created_at from audit_checkpoints where log_id = log.id
        order by generation desc, size desc limit 1
      ) stored
    )
    select wanted.name, count(latest.log_id)::int as logs,
      count(*) filter (
        where cosigned.size is distinct from latest.size
          and latest.created_at < clock_timestamp() - interval '5 minutes'
      )::int as behind,
      abs(extract(epoch from clock_timestamp() - max(cosigned.created_at))::float8) * 1000 as "sinceCosignedMs"
    from unnest(${[...names]}::text[]) with ordinality as wanted (name, n)
      left join latest on true
      left join lateral (
        select size, created_at from (
          select size, witness, created_at from audit_cosignatures
          where log_id = latest.log_id and generation = latest.generation order by size desc limit 50
        ) recent
        where witness = wanted.name order by size desc limit 1
      ) cosigned on true
    group by wanted.n, wanted.name order by wanted.n`;
}
