import type { Credential } from '../credentials/format.ts';
import type { CredentialRecord } from './record.ts';

/** Where the records behind credentials come from: this replica's memory, or the database. */
export interface Records {
  /**
   * What this replica can vouch for without asking anybody; null for a credential that nobody was ever given, undefined
   * when it cannot tell. Synchronous: call it after the last byte of the request has come, and for everything that one
   * decision rests on in one turn of the event loop. After an `await`, what was recalled before is void.
   */
  recall(credential: Credential): CredentialRecord | null | undefined;
  /**
   * Asks the database about `credentials`, together with what others ask at the same time. What resolves holds for
   * the turn in which it resolves, all of it at once; credentials that nobody was given are not in it. Rejects when
   * there is no telling.
   */
  load(credentials: readonly Credential[]): Promise<ReadonlyMap<Credential, CredentialRecord>>;
}
