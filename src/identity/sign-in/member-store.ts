import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { idFromUuid, idToUuid, type MemberId, parseId, type WorkspaceId } from '../../lib/ids.ts';
import type { AccessLevel } from '../access-level.ts';
import type { SigningMember } from './member.ts';

const NO_WORKSPACE = '00000000-0000-0000-0000-000000000000';

/**
 * The workspaces that `given`, an id or a name, may mean: one or none. Without it, all there are, of which two are enough
 * to know that it has to be given.
 */
export async function selectWorkspaces(db: Database, given: string | undefined): Promise<WorkspaceId[]> {
  const sql = clientOf(db);
  const id = given === undefined ? undefined : parseId('ws', given);
  const rows = await sql<{ id: string }[]>`
    select id from workspaces
    where ${given === undefined} or id = ${id === undefined ? NO_WORKSPACE : idToUuid(id)}
      or name = ${id === undefined ? (given ?? '') : ''}
    limit 2`;
  return rows.map((row) => idFromUuid('ws', row.id));
}

/** The member that signs in with the address; without a workspace that is nobody, for the same work. */
export async function selectByEmail(
  db: Database,
  workspaceId: WorkspaceId | undefined,
  email: string,
): Promise<SigningMember | undefined> {
  const sql = clientOf(db);
  const workspace = workspaceId === undefined ? NO_WORKSPACE : idToUuid(workspaceId);
  const [row] = await sql<SigningRow[]>`
    select ${columns(sql)} from members m join workspaces w on w.id = m.workspace_id
    where m.workspace_id = ${workspace} and m.email = ${email} and ${maySignIn(sql)}`;
  return row && toSigningMember(row);
}

/** Without waiting for whoever changes it. */
export async function selectSigning(
  executor: Database | Transaction,
  workspaceId: WorkspaceId,
  id: MemberId,
): Promise<SigningMember | undefined> {
  const sql = clientOf(executor);
  const [row] = await sql<SigningRow[]>`
    select ${columns(sql)} from members m join workspaces w on w.id = m.workspace_id
    where m.workspace_id = ${idToUuid(workspaceId)} and m.id = ${idToUuid(id)} and ${maySignIn(sql)}`;
  return row && toSigningMember(row);
}

/** Locks the member until the transaction ends, and reads it; undefined if it may not sign in any more. */
export async function lockSigning(
  tx: Transaction,
  workspaceId: WorkspaceId,
  id: MemberId,
): Promise<SigningMember | undefined> {
  // By itself: a statement that waits for a lock reads other tables as they were before the wait.
  await clientOf(tx)`
    select from members where workspace_id = ${idToUuid(workspaceId)} and id = ${idToUuid(id)} for no key update`;
  return await selectSigning(tx, workspaceId, id);
}

export async function markSignedIn(tx: Transaction, id: MemberId, now: Date): Promise<void> {
  await clientOf(tx)`update members set last_signed_in_at = ${now.toISOString()} where id = ${idToUuid(id)}`;
}

/** The same password, hashed anew. */
export async function replaceHash(tx: Transaction, id: MemberId, passwordHash: string): Promise<void> {
  await clientOf(tx)`update members set password_hash = ${passwordHash} where id = ${idToUuid(id)}`;
}

/** Another password. */
export async function updatePassword(tx: Transaction, id: MemberId, passwordHash: string, now: Date): Promise<void> {
  await clientOf(tx)`
    update members set password_hash = ${passwordHash}, password_changed_at = ${now.toISOString()}
    where id = ${idToUuid(id)}`;
}

function maySignIn(sql: ReturnType<typeof clientOf>) {
  return sql`m.removed_at is null and m.can_sign_in and m.joined_at is not null and m.password_hash is not null`;
}

function columns(sql: ReturnType<typeof clientOf>) {
  return sql`m.id, m.workspace_id, w.name as workspace_name, m.email, m.name, m.access, m.generation, m.password_hash,
    extract(epoch from m.last_signed_in_at)::float8 * 1000 as last_signed_in_ms`;
}

interface SigningRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly workspace_name: string;
  readonly email: string | null;
  readonly name: string;
  readonly access: AccessLevel;
  readonly generation: number;
  readonly password_hash: string;
  readonly last_signed_in_ms: number | null;
}

function toSigningMember(row: SigningRow): SigningMember {
  return {
    id: idFromUuid('usr', row.id),
    workspaceId: idFromUuid('ws', row.workspace_id),
    workspaceName: row.workspace_name,
    email: row.email ?? '',
    name: row.name,
    access: row.access,
    generation: row.generation,
    passwordHash: row.password_hash,
    lastSignedInAt: row.last_signed_in_ms === null ? null : new Date(Math.round(row.last_signed_in_ms)),
  };
}
