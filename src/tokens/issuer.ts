import { append } from '../audit/append.ts';
import type { Once } from '../credentials/idempotency.ts';
import { databaseErrorCode, isDatabaseUnavailable } from '../db/errors.ts';
import type { Caller } from '../identity/principal.ts';
import { createBatcher, type Outcome } from '../lib/batcher.ts';
import {
  creationEvent,
  draftToken,
  type IssueInput,
  type IssueOrder,
  issueDrafts,
  issueToken,
  type TokenDeps,
  type TokenWithSecret,
} from './issue.ts';
import { inTokenTransaction } from './transaction.ts';

/** Issues tokens like {@link issueToken}, many at once where that is the same. */
export type TokenIssuer = (caller: Caller, input: IssueInput, once?: Once<TokenWithSecret>) => Promise<TokenWithSecret>;

const MAX_BATCHES_IN_FLIGHT = 2;
const MAX_BATCH_SIZE = 64;

/**
 * An issuer that puts the plain orders of concurrent callers into one transaction, with a handful of statements and one
 * commit for all of them. Orders of tokens and orders that must happen once need locks, so they go by themselves.
 */
export function createTokenIssuer(deps: TokenDeps): TokenIssuer {
  const issueInBatch = createBatcher<IssueOrder, TokenWithSecret>({
    maxInFlight: MAX_BATCHES_IN_FLIGHT,
    maxSize: MAX_BATCH_SIZE,
    run: (orders) => issueTogetherOrApart(deps, orders),
  });
  return async (caller, input, once) => {
    if (once !== undefined || caller.principal.kind === 'token') return issueToken(deps, caller, input, once);
    return issueInBatch({ caller, draft: draftToken(deps, caller, input) });
  };
}

/** If the database refuses a batch, each order is tried alone, so that none fails for another's fault. */
async function issueTogetherOrApart(
  deps: TokenDeps,
  orders: readonly IssueOrder[],
): Promise<readonly Outcome<TokenWithSecret>[]> {
  try {
    return await issueTogether(deps, orders);
  } catch (error) {
    // Without a clear refusal the batch may have been committed: nothing may be tried twice.
    const isRefusal = databaseErrorCode(error) !== undefined && !isDatabaseUnavailable(error);
    if (orders.length === 1 || !isRefusal) return orders.map(() => ({ ok: false, error }));
  }
  const outcomes: Outcome<TokenWithSecret>[] = [];
  for (const order of orders) outcomes.push(...(await issueTogetherOrApart(deps, [order])));
  return outcomes;
}

function issueTogether(deps: TokenDeps, orders: readonly IssueOrder[]): Promise<readonly Outcome<TokenWithSecret>[]> {
  return inTokenTransaction(deps.db, async (tx) => {
    const outcomes = await issueDrafts(tx, deps, orders);
    const events = orders.flatMap(({ caller }, n) => {
      const outcome = outcomes[n];
      return outcome?.ok === true ? [creationEvent(caller, outcome.value.token)] : [];
    });
    await append(tx, deps, events);
    return outcomes;
  });
}
