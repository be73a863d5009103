import type { Database, Transaction } from '../db/connection.ts';
import type { Caller, Principal } from '../identity/principal.ts';
import { grantsScope, type ReservedScope } from '../identity/scopes.ts';
import { ServiceError } from '../lib/errors.ts';
import type { TokenId } from '../lib/ids.ts';
import { requireAuthority } from './authority.ts';
import { lockToken, selectToken } from './store/tokens.ts';
import { statusOf, type Token } from './token.ts';

/**
 * Tokens that manage tokens. What such a caller may do follows from its row, locked and read within the change itself:
 * it may have been revoked or narrowed since the request was let in, and a revocation of everything it issued must not
 * miss what it is just issuing.
 */

/** The calling token, locked so that it stays as it is; undefined for callers that are no tokens. */
export async function lockHolder(tx: Transaction, principal: Principal, now: Date): Promise<Token | undefined> {
  if (principal.kind !== 'token') return undefined;
  const [, holder] = await Promise.all([
    lockToken(tx, principal, principal.id, 'relying'),
    readHolder(tx, principal, now),
  ]);
  requireManager(holder);
  return holder;
}

/**
 * Locks the token `id` for a change by `caller` and reads it, with the calling token if it is one. Throws `not_found`
 * for what the caller cannot see, and the 403 of T14 for what it may not manage.
 */
export async function lockForChange(
  tx: Transaction,
  { principal }: Caller,
  id: TokenId,
  now: Date,
): Promise<{ readonly token: Token; readonly holder: Token | undefined }> {
  const holderId = principal.kind === 'token' ? principal.id : id;
  const locked = [...new Set([id, holderId])].sort();
  // All of it is sent at once, and carried out one after the other: each statement sees what the locks before it waited for.
  const locking = locked.map((each) => lockToken(tx, principal, each, each === id ? 'changing' : 'relying'));
  const [token, holder] = await Promise.all([
    selectToken(tx, principal, id),
    principal.kind === 'token' ? readHolder(tx, principal, now) : undefined,
    ...locking,
  ]);
  if (token === undefined) throw new ServiceError('not_found');
  if (holder !== undefined && holder.id !== id) requireManager(holder);
  requireAuthority(holder, token);
  return { token, holder };
}

/** Throws unless `caller` could manage the token now: for giving an earlier answer once more. */
export async function requireManageable(
  { db }: { readonly db: Database },
  { principal }: Caller,
  id: TokenId,
): Promise<void> {
  const token = await selectToken(db, principal, id);
  if (token === undefined) throw new ServiceError('not_found');
  if (principal.kind === 'token') requireAuthority(principal, token);
}

async function readHolder(
  tx: Transaction,
  principal: Extract<Principal, { kind: 'token' }>,
  now: Date,
): Promise<Token> {
  const holder = await selectToken(tx, principal, principal.id);
  if (holder === undefined || statusOf(holder, now) !== 'active') throw new ServiceError('unauthorized');
  return holder;
}

/** What a token needs to manage others. What it needs for itself is the caller's to say: it may always end itself. */
const MANAGING_SCOPE: ReservedScope = 'tokens:write';

function requireManager(holder: Token): void {
  if (!grantsScope(holder.scopes, MANAGING_SCOPE))
    throw new ServiceError('insufficient_scope', { scope: MANAGING_SCOPE });
}
