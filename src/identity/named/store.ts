import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { isUniqueViolation } from '../../db/errors.ts';
import { containing } from '../../db/like.ts';
import { idFromUuid, idToUuid, type WorkspaceId } from '../../lib/ids.ts';
import type { ListPosition } from '../../lib/page.ts';
import type { Named, NamedKind } from './kind.ts';

/** False if the workspace has one of that name already. */
export async function insertNamed<Item extends Named>(
  tx: Transaction,
  kind: NamedKind<Item>,
  item: Item,
): Promise<boolean> {
  const sql = clientOf(tx);
  const table = sql(kind.table);
  const { count } = await sql`
    insert into ${table} select * from jsonb_populate_record(null::${table}, ${toRow(kind, item)}::text::jsonb)
    on conflict (workspace_id, name) do nothing`;
  return count === 1;
}

/** Writes what can change. False if the workspace has another one of that name. */
export async function updateNamed<Item extends Named>(
  tx: Transaction,
  kind: NamedKind<Item>,
  item: Item,
): Promise<boolean> {
  const sql = clientOf(tx);
  const table = sql(kind.table);
  const columns: readonly string[] = kind.ownFields;
  const own = columns.reduce((all, column) => sql`${all}, ${sql(column)} = item.${sql(column)}`, sql``);
  try {
    await sql`
      update ${table} t set name = item.name, description = item.description, revision = item.revision,
        updated_at = item.updated_at ${own}
      from jsonb_populate_record(null::${table}, ${toRow(kind, item)}::text::jsonb) item
      where t.workspace_id = item.workspace_id and t.id = item.id`;
    return true;
  } catch (error) {
    if (isUniqueViolation(error, `${kind.table}_name`)) return false;
    throw error;
  }
}

export async function deleteNamed<Item extends Named>(
  tx: Transaction,
  kind: NamedKind<Item>,
  { workspaceId, id }: Pick<Item, 'workspaceId' | 'id'>,
): Promise<void> {
  const sql = clientOf(tx);
  await sql`delete from ${sql(kind.table)} where workspace_id = ${idToUuid(workspaceId)} and id = ${idToUuid(id)}`;
}

export async function selectNamed<Item extends Named>(
  executor: Database | Transaction,
  kind: NamedKind<Item>,
  workspaceId: WorkspaceId,
  id: Item['id'],
): Promise<Item | undefined> {
  const sql = clientOf(executor);
  const [found] = await sql<Found[]>`
    select to_jsonb(t) as row from ${sql(kind.table)} t
    where workspace_id = ${idToUuid(workspaceId)} and id = ${idToUuid(id)}`;
  return found && toItem(kind, found);
}

/**
 * Locks it until the transaction ends, and reads it: for `changing` it, or `closing` it to whoever would come to refer to it
 * meanwhile. Those who do already and have not committed yet are waited for.
 */
export async function lockNamed<Item extends Named>(
  tx: Transaction,
  kind: NamedKind<Item>,
  workspaceId: WorkspaceId,
  id: Item['id'],
  purpose: 'changing' | 'closing',
): Promise<Item | undefined> {
  const sql = clientOf(tx);
  const strength = purpose === 'changing' ? sql`for no key update` : sql`for update`;
  const [found] = await sql<Found[]>`
    select to_jsonb(t) as row from ${sql(kind.table)} t
    where workspace_id = ${idToUuid(workspaceId)} and id = ${idToUuid(id)} ${strength}`;
  return found && toItem(kind, found);
}

/**
 * Those of `ids` that the workspace has, locked so that none is deleted until the transaction ends, in the order of their
 * ids. Whoever is just deleting one is waited for.
 */
export async function selectKnown<Item extends Named>(
  tx: Transaction,
  kind: NamedKind<Item>,
  workspaceId: WorkspaceId,
  ids: readonly Item['id'][],
): Promise<Item[]> {
  const sql = clientOf(tx);
  const found = await sql<Found[]>`
    select to_jsonb(t) as row from ${sql(kind.table)} t
    where workspace_id = ${idToUuid(workspaceId)} and id = any(${ids.map((id) => idToUuid(id))}::uuid[])
    order by id for key share`;
  return found.map((one) => toItem(kind, one));
}

/** Up to `limit` of them, newest first, after `position`. */
export async function selectNamedPage<Item extends Named>(
  db: Database,
  kind: NamedKind<Item>,
  workspaceId: WorkspaceId,
  page: { readonly name?: string | undefined; readonly limit: number; readonly position: ListPosition | undefined },
): Promise<Item[]> {
  const { name, limit, position } = page;
  const sql = clientOf(db);
  const after =
    position === undefined
      ? sql``
      : sql`and (created_at, id) < (${position.createdAt.toISOString()}::timestamptz, ${position.uuid}::uuid)`;
  const named = name === undefined ? sql`` : sql`and name ilike ${containing(name)}`;
  const found = await sql<Found[]>`
    select to_jsonb(t) as row from ${sql(kind.table)} t where workspace_id = ${idToUuid(workspaceId)} ${after} ${named}
    order by created_at desc, id desc limit ${limit}`;
  return found.map((one) => toItem(kind, one));
}

/** A row as JSON, whose instants are in ISO 8601 whatever the server prefers. */
interface Found {
  readonly row: {
    readonly id: string;
    readonly workspace_id: string;
    readonly name: string;
    readonly description: string | null;
    readonly revision: number;
    readonly created_at: string;
    readonly created_by: string;
    readonly updated_at: string;
  } & Readonly<Record<string, unknown>>;
}

function toItem<Item extends Named>(kind: NamedKind<Item>, { row }: Found): Item {
  const common = {
    id: idFromUuid(kind.prefix, row.id),
    workspaceId: idFromUuid('ws', row.workspace_id),
    name: row.name,
    description: row.description,
    revision: row.revision,
    createdAt: new Date(row.created_at),
    createdBy: row.created_by,
    updatedAt: new Date(row.updated_at),
  } satisfies Named;
  return { ...common, ...Object.fromEntries(kind.ownFields.map((field) => [field, row[field]])) } as Named as Item;
}

function toRow<Item extends Named>({ ownFields }: NamedKind<Item>, item: Item): string {
  return JSON.stringify({
    id: idToUuid(item.id),
    workspace_id: idToUuid(item.workspaceId),
    name: item.name,
    description: item.description,
    revision: item.revision,
    created_at: item.createdAt,
    created_by: item.createdBy,
    updated_at: item.updatedAt,
    ...Object.fromEntries(ownFields.map((field) => [field, item[field]])),
  });
}
