import type { Database } from '../db/connection.ts';
import { type ApiKeyId, idToUuid, type TokenId } from '../lib/ids.ts';

export interface Use {
  readonly credentialId: ApiKeyId | TokenId;
  readonly at: Date;
  /** An address; null if unknown. */
  readonly source: string | null;
}

/**
 * Notes `uses`, one per credential, in one statement. Time only moves forward: a use that is older than the noted one
 * changes nothing, so replicas may flush in any order. Sorted, since two replicas that lock the same rows in different
 * order would deadlock.
 */
export async function upsertUses(db: Database, uses: readonly Use[]): Promise<void> {
  const rows = uses.map(({ credentialId, at, source }) => ({ id: idToUuid(credentialId), at, source }));
  rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  const ids = rows.map(({ id }) => id);
  const times = rows.map(({ at }) => at.toISOString());
  const sources = rows.map(({ source }) => source);
  await db.$client`
    insert into credential_uses (credential_id, last_used_at, last_used_from)
    select id::uuid, at::timestamptz, source
    from unnest(${ids}::text[], ${times}::text[], ${sources}::text[]) as used (id, at, source)
    on conflict (credential_id) do update
      set last_used_at = excluded.last_used_at, last_used_from = excluded.last_used_from
      where excluded.last_used_at > credential_uses.last_used_at`;
}
