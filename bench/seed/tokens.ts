import type postgres from 'postgres';
import { hintOf } from '../../src/credentials/format.ts';
import { mintToken } from '../support/credentials.ts';
import type { SeededWorkspace } from './workspace.ts';

/** Of every hundred tokens 70 are active, 10 revoked, 16 expired and 4 not yet valid. */
const PERIOD = 100;
const MAX_MINTED = 2_000;
/** So many names contain it, however many tokens there are. */
export const RARE_NAME = 'quarantine';
export const RARE_NAME_COUNT = 20;

/**
 * Fills the workspace with `count` tokens, a multiple of 100 and at least 2,000, issued at even intervals, and returns
 * the secrets of up to 2,000 active ones, spread evenly. The digests of the others belong to no secret at all.
 */
export async function seedTokens(sql: postgres.Sql, workspace: SeededWorkspace, count: number): Promise<string[]> {
  const step = Math.ceil(count / PERIOD / MAX_MINTED) * PERIOD;
  return insertTokens(sql, workspace, count, step);
}

/** The same for `count` tokens that are all active and whose secrets are all known. */
export async function seedHotTokens(sql: postgres.Sql, workspace: SeededWorkspace, count: number): Promise<string[]> {
  const secrets = await insertTokens(sql, workspace, count, 1);
  await sql`update tokens set revoked_at = null, not_before = null, expires_at = now() + interval '90 days'`;
  await sql`vacuum analyze tokens`;
  return secrets;
}

async function insertTokens(
  sql: postgres.Sql,
  { uuid, apiKeyId }: SeededWorkspace,
  count: number,
  step: number,
): Promise<string[]> {
  const minted = Array.from({ length: Math.floor(count / step) }, mintToken);
  const digests = minted.map(({ digest }) => digest.toString('hex'));
  const hints = minted.map(({ secret }) => hintOf(secret));
  await sql`create unlogged table seed_minted as
    select (place - 1) * ${step}::int as n, decode(digest, 'hex') as digest, hint
    from unnest(${digests}::text[], ${hints}::text[]) with ordinality as minted (digest, hint, place)`;
  await sql`create unlogged table seed_tokens as
    select n, ms, ${hexUuid(sql)} as id, created_at, n % ${PERIOD} as fate,
      'service-' || n % 5000 || '-' || (array['deploy', 'backup', 'report', 'sync'])[n % 4 + 1] ||
        case when n % (${count}::int / ${RARE_NAME_COUNT}) = 7 then ${`-${RARE_NAME}`} else '' end as name
    from generate_series(0, ${count}::int - 1) as n
    cross join lateral (select date_trunc('milliseconds', now()) - interval '40 days'
      - (${count}::int - n) * interval '1 second' as created_at) as time
    cross join lateral (select (extract(epoch from created_at) * 1000)::bigint as ms) as epoch`;
  await sql`
    insert into tokens (id, workspace_id, environment, name, hint, scopes, metadata, not_before, expires_at, created_at,
      created_by, revoked_at, revoked_by)
    select id, ${uuid}, 'live', name, coalesce(hint, 'tkn_live_0000…0000'),
      case when n % 5 = 0 then array['invoices:read', 'payments:write'] else array['invoices:write'] end,
      jsonb_build_object('team', 'team-' || n % 40),
      case when fate >= 96 then now() + interval '1 day' end,
      case when fate between 80 and 95 then created_at + interval '1 day' when fate % 2 = 0 then now() + interval '90 days' end,
      created_at, ${apiKeyId},
      case when fate between 70 and 79 then created_at + interval '1 hour' end,
      case when fate between 70 and 79 then ${apiKeyId}::text end
    from seed_tokens left join seed_minted using (n) order by n`;
  await sql`
    insert into token_secrets (digest, token_id, created_at)
    select coalesce(digest, sha256(uuid_send(gen_random_uuid()))), id, created_at
    from seed_tokens left join seed_minted using (n)`;
  await sql`drop table seed_minted`;
  await sql`vacuum analyze tokens`;
  await sql`vacuum analyze token_secrets`;
  return minted.map(({ secret }) => secret);
}

/** A UUIDv7 of the time `ms` whose random bits are the row's number `n`. */
export function hexUuid(sql: postgres.Sql) {
  return sql`(lpad(to_hex(ms), 12, '0') || '70008' || lpad(to_hex(n), 15, '0'))::uuid`;
}
