import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { idToUuid, type WorkspaceId } from '../../lib/ids.ts';

/**
 * What the audit log has of introspections: `counted`, how many of each kind there were; `all`, a record of every single
 * one, written before it is answered.
 */
export const AUDITED_INTROSPECTIONS = ['counted', 'all'] as const;
export type AuditedIntrospections = (typeof AUDITED_INTROSPECTIONS)[number];

/** What a workspace has decided for itself. */
export interface Settings {
  /** What the workspace is called; no other one of the installation is. */
  readonly name: string;
  /** The colour of its mark in the dashboard, `#rrggbb`; null is that of Tooken. */
  readonly color: string | null;
  readonly tokenPrefix: string;
  /** Prefixes that earlier tokens have, the oldest first. */
  readonly formerTokenPrefixes: readonly string[];
  readonly isScopeCatalogueEnforced: boolean;
  /** Whether anybody may read the audit log's checkpoints and hashes; entries never. */
  readonly isAuditTreePublic: boolean;
  readonly auditedIntrospections: AuditedIntrospections;
  readonly revision: number;
}

export async function selectSettings(db: Database, workspaceId: WorkspaceId): Promise<Settings | undefined> {
  const sql = clientOf(db);
  const [row] = await sql<Settings[]>`
    select ${settingsColumns(sql)} from workspaces where id = ${idToUuid(workspaceId)}`;
  return row;
}

/** Whether anybody may read checkpoints and hashes of the audit log; false too where there is no such workspace. */
export async function isAuditTreePublic(db: Database, workspaceId: WorkspaceId): Promise<boolean> {
  const [row] = await clientOf(db)<{ isPublic: boolean }[]>`
    select is_audit_tree_public as "isPublic" from workspaces where id = ${idToUuid(workspaceId)}`;
  return row?.isPublic === true;
}

/** Locks the settings until the transaction ends, and reads them. Issuing goes on meanwhile. */
export async function lockSettings(tx: Transaction, workspaceId: WorkspaceId): Promise<Settings | undefined> {
  const sql = clientOf(tx);
  const [row] = await sql<Settings[]>`
    select ${settingsColumns(sql)} from workspaces where id = ${idToUuid(workspaceId)} for no key update`;
  return row;
}

/** Rejects with a unique violation of {@link WORKSPACE_NAME} if the name is taken. */
export async function updateSettings(
  tx: Transaction,
  workspaceId: WorkspaceId,
  settings: Settings,
  updatedAt: Date,
): Promise<void> {
  await clientOf(tx)`
    update workspaces set name = ${settings.name}, color = ${settings.color}, token_prefix = ${settings.tokenPrefix},
      former_token_prefixes = ${[...settings.formerTokenPrefixes]}::text[],
      is_scope_catalogue_enforced = ${settings.isScopeCatalogueEnforced},
      is_audit_tree_public = ${settings.isAuditTreePublic},
      audited_introspections = ${settings.auditedIntrospections}, revision = ${settings.revision},
      updated_at = ${updatedAt.toISOString()}
    where id = ${idToUuid(workspaceId)}`;
}

function settingsColumns(sql: ReturnType<typeof clientOf>) {
  return sql`name, color, token_prefix as "tokenPrefix", former_token_prefixes as "formerTokenPrefixes",
    is_scope_catalogue_enforced as "isScopeCatalogueEnforced", is_audit_tree_public as "isAuditTreePublic",
    audited_introspections as "auditedIntrospections", revision`;
}

export const WORKSPACE_NAME = 'workspaces_name_unique';
