import type { Right, Taking } from '../history.ts';
import type { HttpReply } from './http-client.ts';
import type { Caller, KnownSecret, KnownToken } from './population.ts';
import { type Call, type Meaning, type Performed, pause, perform, type Stage, showsCaller } from './stage.ts';

/** What became of a change. */
export interface Settlement {
  /** The answer that says it is done; undefined without one. */
  readonly done: HttpReply | undefined;
  /** Whether anything about it is uncertain, or was: what was in doubt may happen later, once more. */
  readonly isCertain: boolean;
}

/** A change of rights that can be made again with the same effect. */
export interface Change extends Omit<Call, 'replica'> {
  readonly caller: Caller;
  /** What the caller needs for it. */
  readonly scope?: string;
  readonly gives?: readonly Right[];
  readonly mayTake?: readonly Right[];
  /** Asked only of an answer that says it is done; until one does, all that it might take may be taken. */
  readonly takes?: readonly Right[] | ((reply: HttpReply) => readonly Taking[]);
  readonly mayTakeMeanwhile?: readonly Right[];
}

const PATIENCE_MS = 60_000;
const CONFLICT = 409;
/** For so long a conflict may be with the twin that nobody knows the outcome of, and that is under way still. */
const TWIN_MS = 3_000;

/** Makes a change at `replica`, and while its outcome is unknown again at any, for a minute at most. */
export async function change(stage: Stage, replica: number, wanted: Change): Promise<Settlement> {
  const startedMs = performance.now();
  const isWithin = (ms: number) => performance.now() - startedMs < ms;
  let wasInDoubt = false;
  for (let at = replica; isWithin(PATIENCE_MS); at = Math.floor(Math.random() * stage.urls.length)) {
    const { reply, outcome } = await attempt(stage, at, wanted);
    if (outcome === 'done') return { done: reply, isCertain: !wasInDoubt };
    const isTwin = wasInDoubt && reply.status === CONFLICT && isWithin(TWIN_MS);
    if (outcome === 'refused' && !isTwin) return { done: undefined, isCertain: !wasInDoubt };
    wasInDoubt = true;
    await pause(RETRY_PAUSE_MS);
  }
  return { done: undefined, isCertain: false };
}

const RETRY_PAUSE_MS = 100;

function attempt(stage: Stage, replica: number, wanted: Change): Promise<Performed> {
  const { caller, scope, gives = [], takes = [], mayTake = [], mayTakeMeanwhile = [] } = wanted;
  return perform(stage, { ...wanted, replica }, (reply, outcome): Meaning => {
    const shown = showsCaller(caller, reply, scope);
    if (outcome === 'refused') return shown;
    if (typeof takes !== 'function') return { ...shown, gives, mayTake, takes: takes.map((right) => ({ right })) };
    if (outcome === 'done') return { ...shown, gives, mayTake, takes: takes(reply) };
    return { ...shown, gives, mayTake: [...mayTake, ...mayTakeMeanwhile] };
  });
}

export function revocation(token: KnownToken, caller: Caller, withIssued = false): Change {
  return {
    kind: withIssued ? 'revoke with issued' : 'revoke',
    caller,
    scope: 'tokens:write',
    method: 'POST',
    path: `/v1/tokens/${token.id}/revoke`,
    json: { with_issued: withIssued },
    takes: [lifeOf(token.id), ...(withIssued ? [lineageOf(token.id)] : [])],
  };
}

/** By the value of the secret, which the caller may hold itself (RFC 7009). */
export function revocationByValue(secret: KnownSecret, caller: Caller): Change {
  return {
    kind: 'revoke by value',
    caller,
    method: 'POST',
    path: '/v1/tokens/revoke',
    form: { token: secret.value },
    takes: [lifeOf(secret.token.id)],
  };
}

/** That a token has not ended. */
export const lifeOf = (id: string): Right => `life of ${id}`;
/** That what a token has issued has not ended with it. */
export const lineageOf = (id: string): Right => `lineage of ${id}`;
