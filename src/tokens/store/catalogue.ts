import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import type { Scope } from '../../identity/scopes.ts';
import { idToUuid, type WorkspaceId } from '../../lib/ids.ts';

/** A scope that a workspace has described. */
export interface CataloguedScope {
  readonly name: Scope;
  readonly description: string | null;
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

interface ScopeRow {
  readonly name: Scope;
  readonly description: string | null;
  readonly revision: number;
  readonly created_at: number;
  readonly updated_at: number;
}

/** False if the catalogue has that name already. */
export async function insertScope(tx: Transaction, workspaceId: WorkspaceId, scope: CataloguedScope): Promise<boolean> {
  const { count } = await clientOf(tx)`
    insert into scopes (workspace_id, name, description, revision, created_at, updated_at)
    values (${idToUuid(workspaceId)}, ${scope.name}, ${scope.description}, ${scope.revision},
      ${scope.createdAt.toISOString()}, ${scope.updatedAt.toISOString()})
    on conflict do nothing`;
  return count === 1;
}

/** Up to `limit` scopes in the order of their names, from the first after `after`. */
export async function selectScopes(
  db: Database,
  workspaceId: WorkspaceId,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<CataloguedScope[]> {
  const sql = clientOf(db);
  const rows = await sql<ScopeRow[]>`
    select ${scopeColumns(sql)} from scopes
    where workspace_id = ${idToUuid(workspaceId)} and name > ${page.after ?? ''} order by name limit ${page.limit}`;
  return rows.map(toScope);
}

export async function selectScope(
  executor: Database | Transaction,
  workspaceId: WorkspaceId,
  name: string,
): Promise<CataloguedScope | undefined> {
  const sql = clientOf(executor);
  const [row] = await sql<ScopeRow[]>`
    select ${scopeColumns(sql)} from scopes where workspace_id = ${idToUuid(workspaceId)} and name = ${name}`;
  return row && toScope(row);
}

/** Locks a scope until the transaction ends, and reads it. */
export async function lockScope(
  tx: Transaction,
  workspaceId: WorkspaceId,
  name: string,
): Promise<CataloguedScope | undefined> {
  const sql = clientOf(tx);
  const [row] = await sql<ScopeRow[]>`
    select ${scopeColumns(sql)} from scopes where workspace_id = ${idToUuid(workspaceId)} and name = ${name}
    for update`;
  return row && toScope(row);
}

export async function updateScope(tx: Transaction, workspaceId: WorkspaceId, scope: CataloguedScope): Promise<void> {
  await clientOf(tx)`
    update scopes set description = ${scope.description}, revision = ${scope.revision},
      updated_at = ${scope.updatedAt.toISOString()}
    where workspace_id = ${idToUuid(workspaceId)} and name = ${scope.name}`;
}

export async function deleteScope(tx: Transaction, workspaceId: WorkspaceId, name: string): Promise<void> {
  await clientOf(tx)`delete from scopes where workspace_id = ${idToUuid(workspaceId)} and name = ${name}`;
}

function scopeColumns(sql: ReturnType<typeof clientOf>) {
  return sql`name, description, revision, extract(epoch from created_at)::float8 * 1000 as created_at,
    extract(epoch from updated_at)::float8 * 1000 as updated_at`;
}

function toScope({ name, description, revision, created_at, updated_at }: ScopeRow): CataloguedScope {
  const [createdAt, updatedAt] = [new Date(Math.round(created_at)), new Date(Math.round(updated_at))];
  return { name, description, revision, createdAt, updatedAt };
}
