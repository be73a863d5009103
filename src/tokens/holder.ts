import type { Database, Transaction } from '../db/connection.ts';
import type { Owner } from '../identity/members/store.ts';
import type { Caller, MemberPrincipal, Principal } from '../identity/principal.ts';
import { grantsScope, type ReservedScope } from '../identity/scopes.ts';
import { ServiceError } from '../lib/errors.ts';
import type { TokenId } from '../lib/ids.ts';
import { type Reach, reachOf, requireAuthority } from './authority.ts';
import { type Realm, realmOf } from './realm.ts';
import { lockOwner, lockRights } from './store/belongings.ts';
import { lockToken, selectToken } from './store/tokens.ts';
import { effectiveScopesOfToken, statusOf, type Token } from './token.ts';

/**
 * Who changes tokens. What tokens and members may do follows from their rows, locked and read within the change itself:
 * they may have been revoked, removed or narrowed since the request was let in, and a revocation of everything that a
 * token issued must not miss what it is just issuing.
 */

/** A caller, as it stands until the transaction ends. */
export interface Standing {
  readonly realm: Realm;
  /** The calling token, if it is one: it manages what it has authority over. */
  readonly holder: Token | undefined;
  /** The calling member, if it manages its own tokens and no others. */
  readonly self: Owner | undefined;
}

/** How the caller stands who is about to issue or to revoke. Throws for tokens that may not manage others. */
export async function lockStanding(tx: Transaction, principal: Principal, now: Date): Promise<Standing> {
  if (principal.kind !== 'token') return lockPerson(tx, principal);
  const realm = realmOf(principal);
  const [, holder] = await Promise.all([
    lockToken(tx, realm, principal.id, 'relying'),
    readHolder(tx, realm, principal.id, now),
  ]);
  const settled = await settleRights(tx, realm, holder, now);
  requireManager(settled);
  return { realm, holder: settled, self: undefined };
}

/**
 * Locks the token `id` for a change by `caller` and reads it, with what the caller may do. Throws `not_found` for what the
 * caller cannot see, and the 403 of T14 for what it may not manage.
 */
export async function lockForChange(
  tx: Transaction,
  { principal }: Caller,
  id: TokenId,
  now: Date,
): Promise<{ readonly token: Token; readonly standing: Standing }> {
  const { realm, self } = await lockPerson(tx, principal);
  const holderId = principal.kind === 'token' ? principal.id : id;
  const locked = [...new Set([id, holderId])].sort();
  // All of it is sent at once, and carried out one after the other: each statement sees what the locks before it waited for.
  const locking = locked.map((each) => lockToken(tx, realm, each, each === id ? 'changing' : 'relying'));
  const [found, read] = await Promise.all([
    selectToken(tx, realm, id),
    principal.kind === 'token' ? readHolder(tx, realm, principal.id, now) : undefined,
    ...locking,
  ]);
  if (found === undefined) throw new ServiceError('not_found');
  const holder = read && (await settleRights(tx, realm, read, now));
  if (holder !== undefined && holder.id !== id) requireManager(holder);
  const token = holder?.id === id ? holder : found;
  requireAuthority(holder, reachOf(token));
  return { token, standing: { realm, holder, self } };
}

/** Throws unless `caller` could manage the token now, and have its secret: for giving an earlier answer once more. */
export async function requireManageable(
  { db, clock }: { readonly db: Database; readonly clock: { now(): Date } },
  { principal }: Caller,
  id: TokenId,
): Promise<void> {
  const realm = realmOf(principal);
  const token = await selectToken(db, realm, id);
  if (token === undefined) throw new ServiceError('not_found');
  if (principal.kind !== 'token') return;
  const holder = await readHolder(db, realm, principal.id, clock.now());
  requireAuthority(holder, reachOf(token));
  requireSecretAllowed(holder, token);
}

/**
 * Throws unless `holder` may be given a secret of `token`, which it then has for good, beside managing it now. Not that of a
 * token which acts for a member where the holder acts for nobody: who introspects it would take the holder for the member.
 * Nor that of a token with another role: that may be given more than the holder has.
 */
export function requireSecretAllowed(holder: Token | undefined, token: Token): void {
  if (holder === undefined) return;
  if (holder.owner === null && token.owner !== null) {
    const message = 'A token that belongs to nobody gets no secrets of tokens that belong to somebody. Use an API key.';
    throw new ServiceError('forbidden', { message });
  }
  if (token.role === null || token.role.id === holder.role?.id) return;
  const message = 'A token gets secrets of tokens without a role or with its own role only. Use an API key.';
  throw new ServiceError('forbidden', { message });
}

/** Throws unless all that `reach` stands for is the caller's to manage: its own realm, and within its authority. */
export function requireManaged({ realm, holder }: Standing, reach: Reach): void {
  requireAuthority(holder, reach);
  if (realm.ownerId === null || reach.ownerId === realm.ownerId) return;
  const message = 'Some of what the token issued belongs to others by now. Ask an admin to revoke it.';
  throw new ServiceError('forbidden', { message });
}

/** Keys and operators stand as they do; of people, what they are now counts. */
async function lockPerson(tx: Transaction, principal: Principal): Promise<Standing> {
  if (principal.kind !== 'member') return { realm: realmOf(principal), holder: undefined, self: undefined };
  const member = await lockOwner(tx, principal.workspaceId, principal.id);
  if (member === undefined || member.isRemoved) throw new ServiceError('unauthorized');
  const { access } = member;
  if (access === 'auditor') throw new ServiceError('forbidden', { message: 'Auditors read and change nothing.' });
  const present: MemberPrincipal = { ...principal, access };
  return { realm: realmOf(present), holder: undefined, self: access === 'member' ? member : undefined };
}

async function readHolder(executor: Database | Transaction, realm: Realm, id: TokenId, now: Date): Promise<Token> {
  const holder = await selectToken(executor, realm, id);
  if (holder === undefined || statusOf(holder, now) !== 'active' || holder.owner?.isRemoved === true) {
    throw new ServiceError('unauthorized');
  }
  return holder;
}

/** The holder once more, when what its rights rest on is locked as well. Most rest on themselves alone. */
async function settleRights(tx: Transaction, realm: Realm, holder: Token, now: Date): Promise<Token> {
  if (holder.role === null && holder.owner === null) return holder;
  const rights = { roleId: holder.role?.id ?? null, ownerId: holder.owner?.id ?? null };
  const [, settled] = await Promise.all([
    lockRights(tx, realm.workspaceId, rights),
    readHolder(tx, realm, holder.id, now),
  ]);
  return settled;
}

/** What a token needs to manage others. What it needs for itself is the caller's to say: it may always end itself. */
const MANAGING_SCOPE: ReservedScope = 'tokens:write';

function requireManager(holder: Token): void {
  if (!grantsScope(effectiveScopesOfToken(holder), MANAGING_SCOPE))
    throw new ServiceError('insufficient_scope', { scope: MANAGING_SCOPE });
  if (holder.owner?.access !== 'auditor') return;
  const message = 'The member who owns this token is an auditor and changes nothing, so neither may the token.';
  throw new ServiceError('forbidden', { message });
}
