import { clientOf } from '../../db/client.ts';
import type { Database } from '../../db/connection.ts';
import { idFromUuid, idToUuid, parseId } from '../../lib/ids.ts';
import type { Realm } from '../../tokens/realm.ts';
import { inRealm } from '../../tokens/store/realm.ts';

/**
 * What those of `ids` that are API keys, tokens or members of the workspace are called. Those who see only some tokens are
 * not told the names of others, nor of keys and members.
 */
export async function selectNames(db: Database, realm: Realm, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const sql = clientOf(db);
  const workspace = idToUuid(realm.workspaceId);
  const uuids = (prefix: 'key' | 'tkn' | 'usr') =>
    ids.flatMap((text) => {
      const id = parseId(prefix, text);
      return id === undefined ? [] : [idToUuid(id)];
    });
  const others =
    realm.ownerId === null
      ? sql`
        union all select 'key', k.id, k.name from api_keys k
          where k.workspace_id = ${workspace} and k.id = any(${uuids('key')}::uuid[])
        union all select 'usr', m.id, m.name from members m
          where m.workspace_id = ${workspace} and m.id = any(${uuids('usr')}::uuid[])`
      : sql``;
  const rows = await sql<{ kind: 'tkn' | 'key' | 'usr'; id: string; name: string }[]>`
    select 'tkn' as kind, t.id, t.name from tokens t where t.id = any(${uuids('tkn')}::uuid[]) and ${inRealm(sql, realm)}
    ${others}`;
  return new Map(rows.map(({ kind, id, name }) => [idFromUuid(kind, id), name]));
}
