import type postgres from 'postgres';
import { idToUuid } from '../../lib/ids.ts';
import type { Realm } from '../realm.ts';

/** The condition that a row of `tokens t` exists for who is confined to `realm`. */
export function inRealm(sql: postgres.Sql, realm: Realm): postgres.PendingQuery<postgres.Row[]> {
  const ownerCondition = realm.ownerId === null ? sql`` : sql`and t.owner_id = ${idToUuid(realm.ownerId)}`;
  return sql`t.workspace_id = ${idToUuid(realm.workspaceId)} and t.environment = ${realm.environment} ${ownerCondition}`;
}
