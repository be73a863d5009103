import type { Once } from '../credentials/idempotency.ts';
import { isDatabaseUnavailable } from '../db/errors.ts';
import type { Caller } from '../identity/principal.ts';
import { createBatcher, type Outcome } from '../lib/batcher.ts';
import {
  completeDrafts,
  type Draft,
  draftToken,
  type IssueDeps,
  type IssueInput,
  issueToken,
  rulesFor,
  type TokenWithSecret,
  writeIssued,
} from './issue.ts';
import { inTokenTransaction } from './transaction.ts';

/** Issues tokens like {@link issueToken}, many at once where that is the same. */
export type TokenIssuer = (caller: Caller, input: IssueInput, once?: Once<TokenWithSecret>) => Promise<TokenWithSecret>;

interface IssueOrder {
  readonly caller: Caller;
  readonly draft: Draft;
}

const MAX_BATCHES_IN_FLIGHT = 2;
const MAX_BATCH_SIZE = 64;

/**
 * An issuer that puts the plain orders of concurrent callers into one transaction, with a handful of statements and one
 * commit for all of them. Orders of tokens and members, those that assign something, and those that must happen once need
 * locks, so they go by themselves.
 */
export function createTokenIssuer(deps: IssueDeps): TokenIssuer {
  const issueInBatch = createBatcher<IssueOrder, TokenWithSecret>({
    maxInFlight: MAX_BATCHES_IN_FLIGHT,
    maxSize: MAX_BATCH_SIZE,
    run: (orders) => issueTogetherOrApart(deps, orders),
  });
  return async (caller, input, once) => {
    if (once !== undefined || needsLocks(caller, input)) return issueToken(deps, caller, input, once);
    return issueInBatch({ caller, draft: draftToken(deps, caller, input) });
  };
}

function needsLocks({ principal }: Caller, { roleId, ownerId, projectId }: IssueInput): boolean {
  if (principal.kind === 'token' || principal.kind === 'member') return true;
  return Boolean(roleId ?? ownerId ?? projectId);
}

/**
 * If a batch fails before its commit, nothing of it has happened, so each order is tried alone and none fails for
 * another's fault. Once the commit is under way nobody knows, and without a database there is nothing to try.
 */
async function issueTogetherOrApart(
  deps: IssueDeps,
  orders: readonly IssueOrder[],
): Promise<readonly Outcome<TokenWithSecret>[]> {
  let isCommitting = false;
  try {
    return await issueTogether(deps, orders, () => {
      isCommitting = true;
    });
  } catch (error) {
    if (orders.length === 1 || isCommitting || isDatabaseUnavailable(error)) {
      return orders.map(() => ({ ok: false, error }));
    }
  }
  const outcomes: Outcome<TokenWithSecret>[] = [];
  for (const order of orders) outcomes.push(...(await issueTogetherOrApart(deps, [order])));
  return outcomes;
}

/** The rules are read on another connection while this one begins: every wait for the database counts. */
async function issueTogether(
  deps: IssueDeps,
  orders: readonly IssueOrder[],
  onCommit: () => void,
): Promise<readonly Outcome<TokenWithSecret>[]> {
  const drafts = orders.map(({ draft }) => draft);
  const reading = rulesFor(deps.db, drafts);
  const writing = inTokenTransaction(deps.db, async (tx) => {
    const outcomes = await completeDrafts(tx, deps, drafts, await reading);
    const issued = orders.flatMap(({ caller }, n) => {
      const outcome = outcomes[n];
      return outcome?.ok === true ? [{ caller, ...outcome.value }] : [];
    });
    await writeIssued(tx, deps, issued);
    onCommit();
    return outcomes;
  });
  const [, outcomes] = await Promise.all([reading, writing]);
  return outcomes;
}
