import type { Taking } from '../history.ts';
import { lifeOf, lineageOf } from './changes.ts';
import { type Caller, callerBySecret, type KnownSecret, type KnownToken } from './population.ts';
import { perform, type Stage, showsCaller } from './stage.ts';

/** A token as the client that issued it knows it, which alone changes what the token may do. */
export interface TokenLife {
  readonly token: KnownToken;
  /** Secrets of which one is the current one: several only after rotations at the same time. */
  current: readonly KnownSecret[];
  /** Those before them, which may still open the token. */
  previous: readonly KnownSecret[];
  /** What it has issued, by its newest secret. */
  readonly issued: KnownSecret[];
  scopes: readonly string[];
  /** Whether all that was done to it is known for certain. */
  isCertain: boolean;
}

export const PLAIN_SCOPES = ['a:read', 'b:read', 'c:read'];
const POWERS = ['tokens:write', 'tokens:introspect'];
const POWER_SHARE = 0.4;

export async function beginTokenLife(stage: Stage, home: number): Promise<TokenLife | undefined> {
  const scopes = [...PLAIN_SCOPES, ...POWERS.filter(() => Math.random() < POWER_SHARE)];
  const secret = await issue(stage, home, { caller: stage.root, scopes });
  if (secret === undefined) return undefined;
  return { token: secret.token, current: [secret], previous: [], issued: [], scopes, isCertain: true };
}

export interface Issuing {
  readonly caller: Caller;
  readonly scopes: readonly string[];
  /** The token that the caller is. */
  readonly parent?: KnownToken;
}

const ENDING_SHARE = 0.1;

/** Issues a token, which may end by itself in a few seconds. Tells the population of its secret. */
export async function issue(stage: Stage, home: number, issuing: Issuing): Promise<KnownSecret | undefined> {
  const { caller, scopes, parent } = issuing;
  const isEnding = stage.hasEnds && Math.random() < ENDING_SHARE;
  const json = { name: 'history', scopes, ...(isEnding && { expires_in: 3 }) };
  let secret: KnownSecret | undefined;
  const call = { kind: 'issue', replica: home, caller, method: 'POST', path: '/v1/tokens', json } as const;
  await perform(stage, call, (reply, outcome) => {
    const shown = showsCaller(caller, reply, 'tokens:write');
    if (outcome !== 'done') return shown;
    const answer = JSON.parse(reply.text) as IssuedBody;
    const { id, expires_at: end } = answer.token;
    const token = describe(id, scopes, parent);
    secret = { token, value: answer.secret, right: `first secret of ${id}` };
    const gives = [secret.right, lifeOf(id), lineageOf(id), token.openness, ...token.scopes.values()];
    return { ...shown, gives, takes: end === null ? [] : [endingAt(lifeOf(id), end)] };
  });
  if (secret !== undefined) announce(stage, secret);
  return secret;
}

interface IssuedBody {
  readonly token: { readonly id: string; readonly expires_at: string | null };
  readonly secret: string;
}

function describe(id: string, scopes: readonly string[], parent: KnownToken | undefined): KnownToken {
  return {
    id,
    life: [lifeOf(id), ...(parent === undefined ? [] : [lineageOf(parent.id)])],
    openness: `openness of ${id}`,
    scopes: new Map(scopes.map((scope) => [scope, `${scope} of ${id}`])),
  };
}

/** Lets everybody ask about a new secret, and call with it if it may. */
export function announce({ population }: Stage, secret: KnownSecret): void {
  population.add(secret);
  if (secret.token.scopes.has('tokens:introspect')) population.addCaller(callerBySecret(secret));
}

/** That `right` ends by itself, at an instant of the API. */
export function endingAt(right: string, instant: string): Taking {
  return { right, endsMs: Date.parse(instant) - performance.timeOrigin };
}
