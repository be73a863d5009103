import type { Credential } from '../credentials/format.ts';
import type { SessionId } from '../lib/ids.ts';
import type { CredentialRecord, SessionRecord } from './record.ts';

/** What a decision rests on: credentials, and sessions by their ids. */
export interface Sought {
  readonly credentials: readonly Credential[];
  readonly sessions: readonly SessionId[];
}

/** What the database knows of it. What there is nothing behind is not in it. */
export interface FoundRecords {
  readonly credentials: ReadonlyMap<Credential, CredentialRecord>;
  readonly sessions: ReadonlyMap<SessionId, SessionRecord>;
}

export function joinSought(...parts: readonly Sought[]): Sought {
  return {
    credentials: parts.flatMap(({ credentials }) => credentials),
    sessions: parts.flatMap(({ sessions }) => sessions),
  };
}

export function seek(...credentials: readonly Credential[]): Sought {
  return { credentials, sessions: [] };
}
