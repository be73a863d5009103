import { append } from '../audit/events/append.ts';
import type { Fence } from '../coherence/fence.ts';
import type { DigestFunction } from '../credentials/digest.ts';
import { type Credential, generateCredential, hintOf } from '../credentials/format.ts';
import type { Once } from '../credentials/idempotency.ts';
import type { Database, Transaction } from '../db/connection.ts';
import { type Caller, principalIdOf } from '../identity/principal.ts';
import { grantableScopes, type Scope } from '../identity/scopes.ts';
import type { Outcome } from '../lib/batcher.ts';
import type { Clock } from '../lib/clock.ts';
import { ServiceError } from '../lib/errors.ts';
import { newId, type WorkspaceId } from '../lib/ids.ts';
import type { Random } from '../lib/random.ts';
import { type AssignmentInput, assign, requireSomething, requireWithinOwner } from './assignment.ts';
import { reachOf, requireAuthority } from './authority.ts';
import { termsOf, tokenEvent } from './events.ts';
import { lockStanding } from './holder.ts';
import { judgeScopes, scopesToLookUp } from './known-scopes.ts';
import { type ExpiryInput, requireLifetime, resolveExpiry } from './lifetime.ts';
import { type IssuingRules, selectIssuingRules } from './store/issuing-rules.ts';
import { insertTokens } from './store/tokens.ts';
import type { Token } from './token.ts';
import { inTokenTransaction } from './transaction.ts';

/** What issuing tokens draws on. */
export interface IssueDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly digest: DigestFunction;
}

/** What changing tokens draws on. */
export interface TokenDeps extends IssueDeps {
  readonly fence: Fence;
}

export interface IssueInput extends ExpiryInput, AssignmentInput {
  readonly name: string;
  readonly description: string | null;
  /** In the caller's order, which is how errors refer to them; may be empty with a role. */
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

/** Issues a token. A calling token issues only within its own reach (T14), a member without further access for itself (T15). */
export async function issueToken(
  deps: IssueDeps,
  caller: Caller,
  input: IssueInput,
  once?: Once<TokenWithSecret>,
): Promise<TokenWithSecret> {
  const draft = draftToken(deps, caller, input);
  return inTokenTransaction(deps.db, async (tx) => {
    await once?.claim(tx);
    const standing = await lockStanding(tx, caller.principal, draft.createdAt);
    const assigned = { ...draft, ...(await assign(tx, standing, input)) };
    requireAuthority(standing.holder, reachOf(assigned));
    requireWithinOwner(standing, assigned.owner, { scopes: input.scopes, role: assigned.role });
    const drafts = [descend(assigned, standing.holder)];
    const [outcome] = await completeDrafts(tx, deps, drafts, await rulesFor(tx, drafts));
    if (outcome === undefined) throw new Error('a draft without outcome');
    if (!outcome.ok) throw outcome.error;
    await once?.remember(tx, outcome.value);
    await writeIssued(tx, deps, [{ caller, ...outcome.value }]);
    return outcome.value;
  });
}

/** A token that lacks only its secret. */
export type Draft = Omit<Token, 'hint'>;

type RulesOfWorkspaces = ReadonlyMap<WorkspaceId, IssuingRules>;

/** Everything about a new token that can be said without the database, which knows what it is assigned. */
export function draftToken(deps: Pick<IssueDeps, 'clock' | 'random'>, { principal }: Caller, input: IssueInput): Draft {
  const now = deps.clock.now();
  const expiresAt = resolveExpiry(input, now) ?? null;
  requireLifetime(expiresAt, input.notBefore, now);
  if (!input.roleId) requireSomething({ scopes: input.scopes, role: null });
  return {
    id: newId('tkn', deps),
    workspaceId: principal.workspaceId,
    environment: principal.environment,
    name: input.name,
    description: input.description,
    scopes: grantableScopes(input.scopes),
    role: null,
    owner: null,
    projectId: null,
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
    previousSecretUses: [],
  };
}

/** The rules for `drafts`, read in one statement. Nothing holds them: whoever changes them meanwhile was later. */
export function rulesFor(executor: Database | Transaction, drafts: readonly Draft[]): Promise<RulesOfWorkspaces> {
  const workspaceIds = [...new Set(drafts.map(({ workspaceId }) => workspaceId))];
  const scopes = new Set(drafts.flatMap(({ scopes: asked }) => scopesToLookUp(asked)));
  return selectIssuingRules(executor, workspaceIds, [...scopes]);
}

/** Gives drafts their secrets, as far as the rules allow. Nothing is written yet. */
export async function completeDrafts(
  tx: Transaction,
  { random }: Pick<IssueDeps, 'random'>,
  drafts: readonly Draft[],
  rules: RulesOfWorkspaces,
): Promise<Outcome<TokenWithSecret>[]> {
  const outcomes: Outcome<TokenWithSecret>[] = [];
  for (const draft of drafts) {
    const rule = rules.get(draft.workspaceId);
    const error = rule && (await judgeScopes(tx, draft.workspaceId, rule, draft.scopes));
    if (rule === undefined || error !== undefined) {
      outcomes.push({ ok: false, error: error ?? new ServiceError('unauthorized') });
      continue;
    }
    const secret = generateCredential(rule.tokenPrefix, draft.environment, random);
    outcomes.push({ ok: true, value: { token: { ...draft, hint: hintOf(secret) }, secret } });
  }
  return outcomes;
}

/**
 * Inserts tokens and appends their events. Both statements are sent at once, in this order: new rows need no lock that
 * another transaction could hold, so the events need not wait for an answer.
 */
export async function writeIssued(
  tx: Transaction,
  deps: IssueDeps,
  issued: readonly (TokenWithSecret & { readonly caller: Caller })[],
): Promise<void> {
  if (issued.length === 0) return;
  const rows = issued.map(({ token, secret }) => ({ token, digest: deps.digest(secret) }));
  const events = issued.map(({ caller, token }) =>
    tokenEvent('token.created', caller, token, { changes: termsOf(token) }),
  );
  await Promise.all([insertTokens(tx, rows), append(tx, deps, events)]);
}

function descend(draft: Draft, holder: Token | undefined): Draft {
  if (holder === undefined) return draft;
  const issuedThrough = [...holder.issuedThrough, holder.id];
  if (issuedThrough.length <= MAX_DESCENT) return { ...draft, issuedThrough };
  const message = `Tokens that were issued by tokens can be ${MAX_DESCENT} deep. Issue this one with an API key.`;
  throw new ServiceError('forbidden', { message });
}
