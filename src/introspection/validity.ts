import { isAddressIn } from '../lib/addresses.ts';
import type { CredentialRecord, TokenRecord } from './record.ts';

/** Why a credential that exists does not open anything now. */
export type Invalidity =
  | 'revoked'
  | 'owner_removed'
  | 'not_yet_valid'
  | 'expired'
  | 'secret_replaced'
  | 'address_not_allowed'
  | 'address_unknown';

/**
 * Whether the credential is good at `now` for a holder at `address`, and if not, why. A credential ends *at* its expiry,
 * not after it. With an address list, a holder whose address is unknown is refused.
 */
export function invalidityOf(record: CredentialRecord, now: Date, address: string | undefined): Invalidity | undefined {
  if (record.kind === 'token') {
    if (isSecretReplaced(record, now)) return 'secret_replaced';
    if (record.revokedAt !== null) return 'revoked';
    if (record.owner?.isRemoved === true) return 'owner_removed';
    if (record.notBefore !== null && !hasPassed(record.notBefore, now)) return 'not_yet_valid';
  }
  if (hasPassed(record.expiresAt, now)) return 'expired';
  if (record.allowedCidrs === null) return undefined;
  if (address === undefined) return 'address_unknown';
  return isAddressIn(address, record.allowedCidrs) ? undefined : 'address_not_allowed';
}

/** Whether the digest is that of a secret which a rotation has replaced, and whose overlap is over. */
export function isSecretReplaced(token: TokenRecord, now: Date): boolean {
  return token.secret === 'previous' && hasPassed(token.previousSecretValidUntil, now);
}

/** Compared as numbers: comparing dates converts both each time, at twenty times the cost. */
function hasPassed(end: Date | null, now: Date): boolean {
  return end !== null && now.getTime() >= end.getTime();
}
