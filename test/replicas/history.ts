/**
 * What clients of several replicas did and what they were told, in terms of rights. A right is whatever an answer can
 * show or deny: that a secret opens its token, that a token holds a scope, that the value of an API key is accepted. A
 * right is given once and taken at most once; nothing in a history brings it back.
 */
export type Right = string;

export interface Operation {
  readonly kind: string;
  /** Which replica was asked; null for an operator, who works on the database. */
  readonly replica: number | null;
  /** Before the first byte was sent. This and all other times are of one monotonic clock. */
  readonly sentMs: number;
  /** When the whole answer was there; Infinity if none came. */
  readonly receivedMs: number;
  /** `unknown` when nobody can tell whether it happened: a 503, or no answer. */
  readonly outcome: Outcome;
  /** The status, or how it was lost. */
  readonly answer: string;
  /** What it gives if it is done. */
  readonly gives?: readonly Right[];
  /** What it takes if it is done. */
  readonly takes?: readonly Taking[];
  /** What it may have taken, done or not, such as the secret of another rotation at the same time. */
  readonly mayTake?: readonly Right[];
  /** Rights that the answer shows to be there. */
  readonly shows?: readonly Right[];
  /** Of each of these groups the answer denies at least one. */
  readonly denies?: readonly (readonly Right[])[];
  /** What the answer said of where it is effective. */
  readonly effective?: { readonly replicas: number; readonly waitedMs: number };
}

export type Outcome = 'done' | 'refused' | 'unknown';

export interface Taking {
  readonly right: Right;
  /** When the right ends by itself, as a grace period does; absent for one that ends with the call. */
  readonly endsMs?: number;
}
