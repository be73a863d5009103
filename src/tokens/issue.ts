import { append } from '../audit/append.ts';
import type { DigestFunction } from '../credentials/digest.ts';
import { type Credential, generateCredential, hintOf } from '../credentials/format.ts';
import type { Once } from '../credentials/idempotency.ts';
import type { Database, Transaction } from '../db/connection.ts';
import type { Caller } from '../identity/principal.ts';
import type { Outcome } from '../lib/batcher.ts';
import type { Clock } from '../lib/clock.ts';
import { ServiceError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Random } from '../lib/random.ts';
import { requireAuthority } from './authority.ts';
import { termsOf, tokenEvent } from './events.ts';
import { lockHolder } from './holder.ts';
import { judgeScopes, scopesToLookUp } from './known-scopes.ts';
import { type ExpiryInput, requireLifetime, resolveExpiry } from './lifetime.ts';
import { grantableScopes, type Scope } from './scopes.ts';
import { selectIssuingRules } from './store/issuing-rules.ts';
import { insertTokens } from './store/tokens.ts';
import { principalIdOf, type Token } from './token.ts';
import { inTokenTransaction } from './transaction.ts';

/** What every service of tokens draws on. */
export interface TokenDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly digest: DigestFunction;
}

export interface IssueInput extends ExpiryInput {
  readonly name: string;
  readonly description: string | null;
  readonly scopes: readonly Scope[];
  readonly audience: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Canonical. */
  readonly allowedCidrs: readonly string[] | null;
  readonly notBefore: Date | null;
}

/** A token with its secret, which exists outside the caller's hands in this value only. */
export interface TokenWithSecret {
  readonly token: Token;
  readonly secret: Credential;
}

/** A token can descend from this many others. Each has a place in its row. */
const MAX_DESCENT = 32;

/** Issues a token. A calling token issues only within its own reach (T14). */
export async function issueToken(
  deps: TokenDeps,
  caller: Caller,
  input: IssueInput,
  once?: Once<TokenWithSecret>,
): Promise<TokenWithSecret> {
  const draft = draftToken(deps, caller, input);
  return inTokenTransaction(deps.db, async (tx) => {
    await once?.claim(tx);
    const holder = await lockHolder(tx, caller.principal, draft.createdAt);
    requireAuthority(holder, draft);
    const [outcome] = await issueDrafts(tx, deps, [{ caller, draft: descend(draft, holder) }]);
    if (outcome === undefined) throw new Error('a draft without outcome');
    if (!outcome.ok) throw outcome.error;
    await once?.remember(tx, outcome.value);
    await append(tx, deps, [creationEvent(caller, outcome.value.token)]);
    return outcome.value;
  });
}

/** A token that lacks only its secret. */
export type Draft = Omit<Token, 'hint'>;

export interface IssueOrder {
  readonly caller: Caller;
  readonly draft: Draft;
}

/** Everything about a new token that can be said without the database. */
export function draftToken(deps: Pick<TokenDeps, 'clock' | 'random'>, { principal }: Caller, input: IssueInput): Draft {
  const now = deps.clock.now();
  const expiresAt = resolveExpiry(input, now) ?? null;
  requireLifetime(expiresAt, input.notBefore, now);
  return {
    id: newId('tkn', deps),
    workspaceId: principal.workspaceId,
    environment: principal.environment,
    name: input.name,
    description: input.description,
    scopes: grantableScopes(input.scopes),
    audience: input.audience,
    metadata: input.metadata,
    allowedCidrs: input.allowedCidrs,
    notBefore: input.notBefore,
    expiresAt,
    createdAt: now,
    createdBy: principalIdOf(principal),
    issuedThrough: [],
    rotatedAt: null,
    previousSecretValidUntil: null,
    revokedAt: null,
    revokedBy: null,
    revokeReason: null,
    revision: 1,
    lastUsedAt: null,
    lastUsedFrom: null,
  };
}

/**
 * Gives drafts their secrets and inserts them, all in two statements. An order that its workspace's rules refuse fails
 * alone. The events are the caller's to append.
 */
export async function issueDrafts(
  tx: Transaction,
  { random, digest }: Pick<TokenDeps, 'random' | 'digest'>,
  orders: readonly IssueOrder[],
): Promise<Outcome<TokenWithSecret>[]> {
  const workspaceIds = [...new Set(orders.map(({ draft }) => draft.workspaceId))];
  const scopes = new Set(orders.flatMap(({ draft }) => scopesToLookUp(draft.scopes)));
  const rules = await selectIssuingRules(tx, workspaceIds, [...scopes]);
  const outcomes: Outcome<TokenWithSecret>[] = [];
  for (const { draft } of orders) {
    const rule = rules.get(draft.workspaceId);
    const error = rule && (await judgeScopes(tx, draft.workspaceId, rule, draft.scopes));
    if (rule === undefined || error !== undefined) {
      outcomes.push({ ok: false, error: error ?? new ServiceError('unauthorized') });
      continue;
    }
    const secret = generateCredential(rule.tokenPrefix, draft.environment, random);
    outcomes.push({ ok: true, value: { token: { ...draft, hint: hintOf(secret) }, secret } });
  }
  const issued = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
  if (issued.length > 0) {
    await insertTokens(
      tx,
      issued.map(({ token, secret }) => ({ token, digest: digest(secret) })),
    );
  }
  return outcomes;
}

export function creationEvent(caller: Caller, token: Token) {
  return tokenEvent('token.created', caller, token, { changes: termsOf(token) });
}

function descend(draft: Draft, holder: Token | undefined): Draft {
  if (holder === undefined) return draft;
  const issuedThrough = [...holder.issuedThrough, holder.id];
  if (issuedThrough.length <= MAX_DESCENT) return { ...draft, issuedThrough };
  const message = `Tokens that were issued by tokens can be ${MAX_DESCENT} deep. Issue this one with an API key.`;
  throw new ServiceError('forbidden', { message });
}
