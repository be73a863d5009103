import { CREDENTIAL_MAX_LENGTH, type Credential, parseCredential } from '../credentials/format.ts';
import type { Clock } from '../lib/clock.ts';
import type { CredentialRecord } from './record.ts';
import type { Records, Vouched } from './records.ts';

/** One turn of the event loop, in which a decision is made: the time, read once, and what is known then. */
export interface Turn extends Vouched {
  readonly now: Date;
  readonly monotonicMs: number;
}

/** What a decision says that could not be made: which credentials have to be loaded first. */
export interface Wanting {
  readonly wanted: readonly Credential[];
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
  return credential && { wanted: [credential] };
}

/** What decisions are made from. */
export interface DecisionDeps {
  readonly records: Records;
  readonly clock: Clock;
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

function beginTurn({ records, clock }: DecisionDeps): Turn {
  const monotonicMs = clock.monotonicMs();
  const now = clock.now();
  const { recall } = records.vouched({ monotonicMs, wallMs: now.getTime() });
  return { now, monotonicMs, recall };
}

async function decideAfterLoading<Result extends object>(
  deps: DecisionDeps,
  decide: (turn: Turn) => Result | Wanting,
  wanting: Wanting,
): Promise<Awaited<Result>> {
  for (let { wanted } = wanting; ; ) {
    const loaded: ReadonlyMap<string, CredentialRecord> = await deps.records.load(wanted);
    const known = new Set<string>(wanted);
    const turn = beginTurn(deps);
    const recall = (text: string) => (known.has(text) ? (loaded.get(text) ?? null) : turn.recall(text));
    const result = decide({ ...turn, recall });
    if (!isWanting(result)) return await result;
    ({ wanted } = result);
  }
}

export function isWanting<Other extends object>(result: Other | Wanting): result is Wanting {
  return 'wanted' in result;
}
