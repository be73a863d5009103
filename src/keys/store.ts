import { and, desc, eq, isNotNull, type SQL, sql } from 'drizzle-orm';
import type { Digest } from '../credentials/digest.ts';
import type { Environment } from '../credentials/format.ts';
import type { Database, Transaction } from '../db/connection.ts';
import { apiKeys } from '../db/schema/api-keys.ts';
import { idempotentAnswers } from '../db/schema/idempotency.ts';
import { credentialUses } from '../db/schema/usage.ts';
import { type ApiKeyId, idFromUuid, idToUuid, type WorkspaceId } from '../lib/ids.ts';
import type { ListPosition } from '../lib/page.ts';
import type { ApiKey } from './api-key.ts';

export interface ApiKeySelection {
  readonly environment?: Environment | undefined;
  /** After this key. */
  readonly position?: ListPosition | undefined;
  /** Absent: all. */
  readonly limit?: number;
}

export async function insertApiKey(
  tx: Transaction,
  workspaceId: WorkspaceId,
  apiKey: ApiKey,
  digest: Digest,
): Promise<void> {
  const { id, name, environment, hint, allowedCidrs, expiresAt, createdAt, createdBy } = apiKey;
  await tx.insert(apiKeys).values({
    id: idToUuid(id),
    workspaceId: idToUuid(workspaceId),
    environment,
    name,
    digest,
    hint,
    allowedCidrs: allowedCidrs && [...allowedCidrs],
    expiresAt,
    createdAt,
    createdBy,
  });
}

/** Newest first. */
export async function selectApiKeys(
  db: Database,
  workspaceId: WorkspaceId,
  { environment, position, limit }: ApiKeySelection,
): Promise<ApiKey[]> {
  const selected = fromApiKeys(db)
    .where(
      and(
        eq(apiKeys.workspaceId, idToUuid(workspaceId)),
        environment && eq(apiKeys.environment, environment),
        position && isAfter(position),
      ),
    )
    .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id));
  const rows = await (limit === undefined ? selected : selected.limit(limit));
  return rows.map(toApiKey);
}

export async function selectApiKey(
  executor: Database | Transaction,
  workspaceId: WorkspaceId,
  id: ApiKeyId,
): Promise<ApiKey | undefined> {
  const [row] = await fromApiKeys(executor).where(isKey(workspaceId, id));
  return row && toApiKey(row);
}

/** Locks the row until the transaction ends: changes of one key take turns. */
export async function lockApiKey(tx: Transaction, workspaceId: WorkspaceId, id: ApiKeyId): Promise<ApiKey | undefined> {
  const [row] = await fromApiKeys(tx).where(isKey(workspaceId, id)).for('update', { of: apiKeys });
  return row && toApiKey(row);
}

export async function updateSecret(
  tx: Transaction,
  id: ApiKeyId,
  secret: { readonly digest: Digest; readonly hint: string; readonly regeneratedAt: Date },
): Promise<void> {
  await tx
    .update(apiKeys)
    .set(secret)
    .where(eq(apiKeys.id, idToUuid(id)));
}

/** Removes the key, and when and from where it was last used. */
export async function removeApiKey(tx: Transaction, id: ApiKeyId): Promise<void> {
  await tx.delete(apiKeys).where(eq(apiKeys.id, idToUuid(id)));
  await tx.delete(credentialUses).where(eq(credentialUses.credentialId, idToUuid(id)));
}

/** A dead value must not be had from a retry with its Idempotency-Key either. */
export async function wipeAnswers(tx: Transaction, id: ApiKeyId): Promise<void> {
  await tx
    .update(idempotentAnswers)
    .set({ answer: null })
    .where(and(eq(idempotentAnswers.subjectId, idToUuid(id)), isNotNull(idempotentAnswers.answer)));
}

function fromApiKeys(executor: Database | Transaction) {
  return executor
    .select({
      id: apiKeys.id,
      name: apiKeys.name,
      environment: apiKeys.environment,
      hint: apiKeys.hint,
      allowedCidrs: apiKeys.allowedCidrs,
      expiresAt: apiKeys.expiresAt,
      createdAt: apiKeys.createdAt,
      createdBy: apiKeys.createdBy,
      regeneratedAt: apiKeys.regeneratedAt,
      lastUsedAt: credentialUses.lastUsedAt,
      lastUsedFrom: credentialUses.lastUsedFrom,
    })
    .from(apiKeys)
    .leftJoin(credentialUses, eq(credentialUses.credentialId, apiKeys.id));
}

type Row = Awaited<ReturnType<typeof fromApiKeys>>[number];

function toApiKey({ id, ...row }: Row): ApiKey {
  return { id: idFromUuid('key', id), ...row };
}

function isKey(workspaceId: WorkspaceId, id: ApiKeyId): SQL | undefined {
  return and(eq(apiKeys.id, idToUuid(id)), eq(apiKeys.workspaceId, idToUuid(workspaceId)));
}

function isAfter({ createdAt, uuid }: ListPosition): SQL {
  return sql`(${apiKeys.createdAt}, ${apiKeys.id}) < (${createdAt.toISOString()}::timestamptz, ${uuid}::uuid)`;
}
