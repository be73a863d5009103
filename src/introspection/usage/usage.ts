import type { Principal } from '../../identity/principal.ts';
import type { CredentialRecord } from '../record.ts';
import type { IntrospectionOutcome } from './outcome.ts';

/** One question about a token, and what was found. */
export interface Introspection {
  /** What the presented text led to; null if to nothing. */
  readonly record: CredentialRecord | null;
  readonly introspector: Principal;
  /** Where the holder called the introspector from: a canonical address, or null if it did not say. */
  readonly source: string | null;
  readonly outcome: IntrospectionOutcome;
}

/** Notes in memory who used what, from where and with what outcome: cheap, and nobody waits for it. */
export interface Usage {
  /** `at` is now; who has just read the clock tells. */
  introspected(introspection: Introspection, at?: Date): void;
  /** The credential of a caller was used on a call of its own, from `address`. */
  called(principal: Principal, address: string | null, at?: Date): void;
}
