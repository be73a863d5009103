import type { Right } from '../history.ts';

/** What the clients know of a token that one of them has issued. */
export interface KnownToken {
  readonly id: string;
  /** What every secret of it needs: that it is not ended, itself or with the token that issued it. */
  readonly life: readonly Right[];
  /** That it may be used from here, and may be told active without an address. */
  readonly openness: Right;
  /** By scope, those that it was issued with. */
  readonly scopes: ReadonlyMap<string, Right>;
}

export interface KnownSecret {
  readonly token: KnownToken;
  readonly value: string;
  readonly right: Right;
}

/** A credential to call with. */
export interface Caller {
  readonly value: string;
  /** What it needs to be let in. */
  readonly rights: readonly Right[];
  /** What it needs for some operation beside that; absent for API keys, which need nothing more. */
  rightFor(scope: string): Right | undefined;
}

export function callerBySecret({ token, value, right }: KnownSecret): Caller {
  return { value, rights: [right, ...token.life, token.openness], rightFor: (scope) => token.scopes.get(scope) };
}

export function callerByKey(value: string, right: Right): Caller {
  return { value, rights: [right], rightFor: () => undefined };
}

/** The credentials that anybody may ask about or call with: those in use, and for a while those that are dead. */
export interface Population {
  add(secret: KnownSecret): void;
  addCaller(caller: Caller): void;
  /** Mostly one of the newest. */
  anySecret(): KnownSecret | undefined;
  anyCaller(): Caller;
  /** All that there ever were. */
  readonly secrets: readonly KnownSecret[];
}

/** So many of the newest are asked about most. */
const NEWEST_SECRETS = 60;
const NEWEST_CALLERS = 12;

/** `keeper` is a caller that stays. */
export function createPopulation(keeper: Caller): Population {
  const secrets: KnownSecret[] = [];
  const callers: Caller[] = [];
  return {
    secrets,
    add: (secret) => void secrets.push(secret),
    addCaller: (caller) => void callers.push(caller),
    anySecret: () => (Math.random() < 0.9 ? oneOf(secrets.slice(-NEWEST_SECRETS)) : oneOf(secrets)),
    anyCaller: () => (Math.random() < 0.6 ? keeper : (oneOf(callers.slice(-NEWEST_CALLERS)) ?? keeper)),
  };
}

/** One of them, each as likely as the others. */
export function oneOf<Item>(items: readonly Item[]): Item | undefined {
  return items[Math.floor(Math.random() * items.length)];
}
