import { append } from '../audit/events/append.ts';
import type { Effective } from '../coherence/fence.ts';
import { invalidate } from '../coherence/invalidate.ts';
import { type Credential, generateCredential, hintOf } from '../credentials/format.ts';
import type { Once } from '../credentials/idempotency.ts';
import { wipeAnswersOf } from '../credentials/idempotency-store.ts';
import type { Caller } from '../identity/principal.ts';
import { ServiceError } from '../lib/errors.ts';
import { idToUuid, type TokenId } from '../lib/ids.ts';
import { reachOf, requireAuthority } from './authority.ts';
import { changesBetween, tokenEvent } from './events.ts';
import { lockForChange, requireManageable, requireSecretAllowed } from './holder.ts';
import type { TokenDeps } from './issue.ts';
import { type ExpiryInput, requireLifetime, resolveExpiry } from './lifetime.ts';
import { selectIssuingRules } from './store/issuing-rules.ts';
import { deletePreviousSecrets, replaceSecret } from './store/secrets.ts';
import { updateToken } from './store/tokens.ts';
import { isFinished, statusOf, type Token } from './token.ts';
import { inTokenTransaction } from './transaction.ts';
import type { TokenChange } from './update.ts';

/** Without an expiry in it, the token keeps the one it has. */
export interface RotateInput extends ExpiryInput {
  /** How long the present secret goes on opening the token; 0 ends it at once. */
  readonly graceSeconds: number;
}

export interface Rotation {
  readonly token: Token;
  readonly secret: Credential;
  /** The instant at which the secret that was replaced stops, or has stopped. */
  readonly previousValidUntil: Date;
}

/** A rotation, and where it has taken effect. */
export interface EffectiveRotation {
  readonly rotation: Rotation;
  readonly effective: Effective;
}

/**
 * Gives a token a new secret under the same id, everywhere by the time this answers. A token never has more than two: rotating during an overlap ends the
 * oldest. Rotations of one token take turns on its row; each is a full one.
 */
export async function rotateToken(
  deps: TokenDeps,
  caller: Caller,
  id: TokenId,
  input: RotateInput,
  once?: Once<Rotation>,
): Promise<EffectiveRotation> {
  const now = deps.clock.now();
  const { rotation, invalidated } = await inTokenTransaction(deps.db, async (tx) => {
    await once?.claim(tx);
    const { token, standing } = await lockForChange(tx, caller, id, now);
    const expiresAt = expiryAfter(token, input, now);
    requireAuthority(standing.holder, reachOf({ ...token, expiresAt }));
    requireSecretAllowed(standing.holder, token);
    requireCurrentSecret(caller, token);
    requireOwnExpiryKept(caller, token, expiresAt);
    const previousValidUntil = endOfOverlap(token, expiresAt, input.graceSeconds, now);
    const rules = (await selectIssuingRules(tx, [token.workspaceId], [])).get(token.workspaceId);
    if (rules === undefined) throw new ServiceError('not_found');
    const secret = generateCredential(rules.tokenPrefix, token.environment, deps.random);
    await replaceSecret(tx, id, { digest: deps.digest(secret), now, previousValidUntil });
    const rotated: Token = {
      ...token,
      hint: hintOf(secret),
      expiresAt,
      rotatedAt: now,
      previousSecretValidUntil: previousValidUntil > now ? previousValidUntil : null,
      previousSecretUses: [],
      revision: token.revision + 1,
    };
    await updateToken(tx, rotated);
    const rotation = { token: rotated, secret, previousValidUntil };
    // Earlier answers hold the secret that was just replaced.
    await wipeAnswersOf(tx, [idToUuid(id)]);
    await once?.remember(tx, rotation);
    const overlap = { field: 'previous_secret_valid_until', old: null, new: previousValidUntil.toISOString() };
    const changes = [...changesBetween(token, rotated), overlap];
    const [invalidated] = await Promise.all([
      invalidate(tx, [id]),
      append(tx, deps, [tokenEvent('token.rotated', caller, rotated, { changes })]),
    ]);
    return { rotation, invalidated };
  });
  return { rotation, effective: await deps.fence(invalidated) };
}

/**
 * For giving the answer to an earlier rotation once more: whether the caller may still have it, and, since that answer
 * may have been lost before its rotation was effective everywhere, a wait until it is.
 */
export async function repeatRotation(deps: TokenDeps, caller: Caller, id: TokenId): Promise<Effective> {
  await requireManageable(deps, caller, id);
  return deps.fence(await inTokenTransaction(deps.db, (tx) => invalidate(tx, [id])));
}

/** Ends the overlap after a rotation early; where there is none, nothing happens. */
export async function finishRotation(deps: TokenDeps, caller: Caller, id: TokenId): Promise<TokenChange> {
  const now = deps.clock.now();
  const { token, invalidated } = await inTokenTransaction(deps.db, async (tx) => {
    const { token } = await lockForChange(tx, caller, id, now);
    const { previousSecretValidUntil: end } = token;
    if (end === null || end <= now) return { token, invalidated: await invalidate(tx, [id]) };
    await deletePreviousSecrets(tx, id);
    const finished = { ...token, previousSecretValidUntil: null, revision: token.revision + 1 };
    await updateToken(tx, finished);
    const changes = [{ field: 'previous_secret_valid_until', old: end.toISOString(), new: null }];
    const [invalidated] = await Promise.all([
      invalidate(tx, [id]),
      append(tx, deps, [tokenEvent('token.rotation_finished', caller, finished, { changes })]),
    ]);
    return { token: finished, invalidated };
  });
  return { token, effective: await deps.fence(invalidated) };
}

function expiryAfter(token: Token, input: RotateInput, now: Date): Date | null {
  const status = statusOf(token, now);
  if (isFinished(status)) {
    throw new ServiceError('conflict', { message: `The token is ${status} and cannot be rotated. Issue a new one.` });
  }
  const expiresAt = resolveExpiry(input, now);
  if (expiresAt === undefined) return token.expiresAt;
  requireLifetime(expiresAt, token.notBefore, now);
  return expiresAt;
}

/** Whoever holds on to an old secret must not outlive the overlap with it, nor push the rightful holder out. */
function requireCurrentSecret({ principal }: Caller, token: Token): void {
  if (principal.kind !== 'token' || principal.id !== token.id || principal.secret === 'current') return;
  const message = 'A token cannot rotate itself with its previous secret. Use the current one, or an API key.';
  throw new ServiceError('forbidden', { message });
}

/** A token that could move its own expiry, even to an earlier time and back, would decide about its own life. */
function requireOwnExpiryKept({ principal }: Caller, token: Token, expiresAt: Date | null): void {
  if (principal.kind !== 'token' || principal.id !== token.id) return;
  if (expiresAt?.getTime() === token.expiresAt?.getTime()) return;
  throw new ServiceError('forbidden', { message: 'A token that rotates itself keeps its expiry. Leave it out.' });
}

/** The old secret lives no longer than the token it was issued for would have, nor than the token does now. */
function endOfOverlap(token: Token, expiresAt: Date | null, graceSeconds: number, now: Date): Date {
  const ends = [now.getTime() + graceSeconds * 1000];
  for (const end of [token.expiresAt, expiresAt]) if (end !== null) ends.push(end.getTime());
  return new Date(Math.min(...ends));
}
