import type { Credential } from '../credentials/format.ts';
import type { Clock } from '../lib/clock.ts';
import type { Records } from './records.ts';

/** One turn of the event loop, in which a decision is made: the time, and what is known then. */
export interface Turn extends Pick<Records, 'recall'> {
  readonly now: Date;
}

/** What a decision says that could not be made: which credentials have to be loaded first. */
export interface Wanting {
  readonly wanted: readonly Credential[];
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
  { records, clock }: DecisionDeps,
  decide: (turn: Turn) => Result | Wanting,
): Result | Promise<Awaited<Result>> {
  const result = decide({ now: clock.now(), recall: records.recall });
  return isWanting(result) ? decideAfterLoading({ records, clock }, decide, result) : result;
}

async function decideAfterLoading<Result extends object>(
  { records, clock }: DecisionDeps,
  decide: (turn: Turn) => Result | Wanting,
  wanting: Wanting,
): Promise<Awaited<Result>> {
  for (let { wanted } = wanting; ; ) {
    const loaded = await records.load(wanted);
    const known = new Set(wanted);
    const result = decide({
      now: clock.now(),
      recall: (credential) => (known.has(credential) ? (loaded.get(credential) ?? null) : records.recall(credential)),
    });
    if (!isWanting(result)) return await result;
    ({ wanted } = result);
  }
}

function isWanting(result: object): result is Wanting {
  return 'wanted' in result;
}
