import { CREDENTIAL_MAX_LENGTH, parseCredential } from '../credentials/format.ts';
import type { AccessTokens } from '../identity/access-tokens/access-tokens.ts';
import type { Clock } from '../lib/clock.ts';
import type { SessionId } from '../lib/ids.ts';
import type { CredentialRecord, SessionRecord } from './record.ts';
import type { Records } from './records.ts';
import { type FoundRecords, type Sought, seek } from './sought.ts';

/** One turn of the event loop, in which a decision is made: the time, read once, and what is known then. */
export interface Turn {
  readonly now: Date;
  readonly monotonicMs: number;
  /** The record behind any text; null for a credential that nobody was ever given, undefined when there is no telling. */
  recall(text: string): CredentialRecord | null | undefined;
  /** The session of that id; null if there is none, undefined when there is no telling. */
  recallSession(id: SessionId): SessionRecord | null | undefined;
  readonly readAccessToken: AccessTokens['read'];
}

/** What a decision says that could not be made: what has to be loaded first. */
export interface Wanting {
  readonly wanted: Sought;
}

/**
 * The record behind `text`; null for a credential that nobody was given, undefined for what is no credential, or else what
 * has to be loaded. Memory is asked first: only credentials get into it, so what it knows needs no check of its form.
 */
export function lookUp(turn: Turn, text: string): CredentialRecord | null | undefined | Wanting {
  if (text.length > CREDENTIAL_MAX_LENGTH) return undefined;
  const record = turn.recall(text);
  if (record !== undefined) return record;
  const credential = parseCredential(text);
  return credential && { wanted: seek(credential) };
}

/** What decisions are made from. */
export interface DecisionDeps {
  readonly records: Records;
  readonly clock: Clock;
  readonly accessTokens: Pick<AccessTokens, 'read'>;
}

/**
 * Makes a decision in one turn of the event loop, so that all records that it rests on hold at the same moment: at once
 * where memory can tell, and otherwise by loading what was wanted and deciding again, from the start. What `decide` has
 * learned in an earlier turn has lost its worth, so it has to want the credentials of the caller and the token together.
 */
export function decideInOneTurn<Result extends object>(
  deps: DecisionDeps,
  decide: (turn: Turn) => Result | Wanting,
): Result | Promise<Awaited<Result>> {
  const result = decide(beginTurn(deps));
  return isWanting(result) ? decideAfterLoading(deps, decide, result) : result;
}

function beginTurn({ records, clock, accessTokens }: DecisionDeps): Turn {
  const monotonicMs = clock.monotonicMs();
  const now = clock.now();
  const { recall, recallSession } = records.vouched({ monotonicMs, wallMs: now.getTime() });
  return { now, monotonicMs, recall, recallSession, readAccessToken: accessTokens.read };
}

async function decideAfterLoading<Result extends object>(
  deps: DecisionDeps,
  decide: (turn: Turn) => Result | Wanting,
  wanting: Wanting,
): Promise<Awaited<Result>> {
  for (let { wanted } = wanting; ; ) {
    const found = await deps.records.load(wanted);
    const result = decide(withLoaded(beginTurn(deps), wanted, found));
    if (!isWanting(result)) return await result;
    ({ wanted } = result);
  }
}

/** What was loaded holds in the turn in which it came, whatever memory may have kept of it. */
function withLoaded(turn: Turn, wanted: Sought, found: FoundRecords): Turn {
  const credentials = new Map<string, CredentialRecord | null>(
    wanted.credentials.map((credential) => [credential, found.credentials.get(credential) ?? null]),
  );
  const sessions = new Map(wanted.sessions.map((id) => [id, found.sessions.get(id) ?? null]));
  return {
    ...turn,
    recall: (text) => (credentials.has(text) ? credentials.get(text) : turn.recall(text)),
    recallSession: (id) => (sessions.has(id) ? sessions.get(id) : turn.recallSession(id)),
  };
}

export function isWanting<Other extends object>(result: Other | Wanting): result is Wanting {
  return 'wanted' in result;
}
