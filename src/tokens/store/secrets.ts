import type { Digest } from '../../credentials/digest.ts';
import { clientOf } from '../../db/client.ts';
import type { Transaction } from '../../db/connection.ts';
import { idToUuid, type TokenId } from '../../lib/ids.ts';

/**
 * Makes `digest` the current secret of a token and leaves the one before it until `previousValidUntil`; all older ones
 * go, and that one too if its end has come already. The caller holds the token's row lock.
 */
export async function replaceSecret(
  tx: Transaction,
  id: TokenId,
  secret: { readonly digest: Digest; readonly now: Date; readonly previousValidUntil: Date },
): Promise<void> {
  const sql = clientOf(tx);
  const uuid = idToUuid(id);
  if (secret.previousValidUntil > secret.now) {
    await deletePreviousSecrets(tx, id);
    await sql`update token_secrets set valid_until = ${secret.previousValidUntil.toISOString()} where token_id = ${uuid}`;
  } else {
    await sql`delete from token_secrets where token_id = ${uuid}`;
  }
  await sql`
    insert into token_secrets (digest, token_id, created_at)
    values (${secret.digest}, ${uuid}, ${secret.now.toISOString()})`;
}

/** Deletes all secrets of a token but the current one. */
export async function deletePreviousSecrets(tx: Transaction, id: TokenId): Promise<void> {
  await clientOf(tx)`delete from token_secrets where token_id = ${idToUuid(id)} and valid_until is not null`;
}
