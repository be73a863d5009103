import { asc, sql } from 'drizzle-orm';
import type { Database, Transaction } from '../db/connection.ts';
import { workspaces } from '../db/schema/workspaces.ts';
import { idFromUuid, idToUuid, type WorkspaceId } from '../lib/ids.ts';

export interface Workspace {
  readonly id: WorkspaceId;
  readonly name: string;
  readonly tokenPrefix: string;
  readonly createdAt: Date;
}

/** Any constant will do, as long as every version of Tooken uses the same. */
const BOOTSTRAP_LOCK = 7_403_616_282;

/** Held until the transaction ends; a statement that follows sees what the holder before has committed. */
export async function lockBootstrap(tx: Transaction): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${BOOTSTRAP_LOCK}::bigint)`);
}

export async function hasWorkspaces(executor: Database | Transaction): Promise<boolean> {
  const rows = await executor.select({ id: workspaces.id }).from(workspaces).limit(1);
  return rows.length > 0;
}

/** Oldest first. */
export async function selectWorkspaces(db: Database): Promise<Workspace[]> {
  const rows = await db
    .select({
      id: workspaces.id,
      name: workspaces.name,
      tokenPrefix: workspaces.tokenPrefix,
      createdAt: workspaces.createdAt,
    })
    .from(workspaces)
    .orderBy(asc(workspaces.createdAt), asc(workspaces.id));
  return rows.map(({ id, ...row }) => ({ id: idFromUuid('ws', id), ...row }));
}

/** Rejects with a unique violation of `WORKSPACE_NAME` if the name is taken. */
export async function insertWorkspace(tx: Transaction, { id, name, tokenPrefix, createdAt }: Workspace): Promise<void> {
  await tx.insert(workspaces).values({ id: idToUuid(id), name, tokenPrefix, createdAt, updatedAt: createdAt });
}
