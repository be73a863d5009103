import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { idFromUuid, idToUuid, type WorkspaceId } from '../../lib/ids.ts';

/** What a workspace lays down for new tokens. */
export interface IssuingRules {
  readonly tokenPrefix: string;
  /** Those of the scopes asked about that the catalogue lists; null where the catalogue is not enforced. */
  readonly catalogued: ReadonlySet<string> | null;
}

/** The rules of some workspaces, in one statement. */
export async function selectIssuingRules(
  executor: Database | Transaction,
  workspaceIds: readonly WorkspaceId[],
  scopes: readonly string[],
): Promise<Map<WorkspaceId, IssuingRules>> {
  const rows = await clientOf(executor)<{ id: string; token_prefix: string; catalogued: string[] | null }[]>`
    select w.id, w.token_prefix, case when w.is_scope_catalogue_enforced then
      array(select s.name from scopes s where s.workspace_id = w.id and s.name = any(${[...scopes]}::text[])) end
      as catalogued
    from workspaces w where w.id = any(${workspaceIds.map((id) => idToUuid(id))}::uuid[])`;
  return new Map(
    rows.map(({ id, token_prefix: tokenPrefix, catalogued }) => [
      idFromUuid('ws', id),
      { tokenPrefix, catalogued: catalogued && new Set(catalogued) },
    ]),
  );
}

/** For each of `scopes` the catalogue's names around its place, up to `reach` on either side. */
export async function selectNeighbours(
  tx: Transaction,
  workspaceId: WorkspaceId,
  scopes: readonly string[],
  reach: number,
): Promise<Map<string, string[]>> {
  const uuid = idToUuid(workspaceId);
  const rows = await clientOf(tx)<{ scope: string; names: string[] }[]>`
    select asked.scope, array(
      (select name from scopes where workspace_id = ${uuid} and name >= asked.scope order by name limit ${reach})
      union all
      (select name from scopes where workspace_id = ${uuid} and name < asked.scope order by name desc limit ${reach})
    ) as names
    from unnest(${[...scopes]}::text[]) as asked (scope)`;
  return new Map(rows.map(({ scope, names }) => [scope, names]));
}
