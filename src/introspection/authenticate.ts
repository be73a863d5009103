import type { Credential } from '../credentials/format.ts';
import type { Principal } from '../identity/principal.ts';
import {
  type PresentedCredential,
  type PresentedCredentials,
  type ReadCredential,
  readCredential,
  type Scheme,
} from './presented.ts';
import type { CredentialRecord } from './record.ts';
import { type DecisionDeps, decideInOneTurn, isWanting, lookUp, type Turn, type Wanting } from './turn.ts';
import { type Invalidity, invalidityOf } from './validity.ts';

export type Authentication =
  | Authenticated
  /** No credential at all. */
  | { readonly outcome: 'missing' }
  /** Two credentials at once. */
  | { readonly outcome: 'ambiguous' }
  | Refused;

export interface Authenticated {
  readonly outcome: 'authenticated';
  readonly principal: Exclude<Principal, { kind: 'system' }>;
  readonly credential: Credential;
  /** Whether what it asks is answered only when it is recorded. */
  readonly recordsIntrospections: boolean;
}

export interface Refused {
  readonly outcome: 'refused';
  readonly reason: RefusalReason;
  /** How the credential came, for the challenge. */
  readonly scheme: Scheme;
  /** Whose the credential is or was, if anybody's. */
  readonly record?: CredentialRecord;
}

export type RefusalReason = Invalidity | 'malformed' | 'unknown' | 'wrong_kind' | 'wrong_user';

/**
 * Resolves the credential of a request into a principal. `Authorization: Bearer` takes API keys and tokens, `X-API-Key`
 * API keys only. Rejects when the database cannot be asked: a caller is never refused because we cannot tell.
 */
export function authenticate(
  deps: DecisionDeps,
  presented: PresentedCredentials,
): Authentication | Promise<Authentication> {
  const read = readCredential(presented);
  if (read.outcome === 'read' && read.credential.scheme === 'basic') return malformed('basic');
  return decideInOneTurn(deps, (turn) => recognise(read, turn, presented.address));
}

/**
 * The same for the OAuth endpoints, whose clients may also use Basic: the id of an API key or token as user, the
 * credential itself as password. It is one step of a decision, hence it asks `turn` alone.
 */
export function authenticateClient(presented: PresentedCredentials, turn: Turn): Authentication | Wanting {
  return recognise(readCredential(presented), turn, presented.address);
}

function recognise(read: ReadCredential, turn: Turn, address: string | undefined): Authentication | Wanting {
  if (read.outcome === 'malformed') return malformed(read.scheme);
  if (read.outcome !== 'read') return read;
  const { scheme, text } = read.credential;
  const record = lookUp(turn, text);
  if (record === undefined) return malformed(scheme);
  if (record === null) return { outcome: 'refused', reason: 'unknown', scheme };
  if (isWanting(record)) return record;
  const reason = flawOf(record, read.credential, turn.now, address);
  if (reason !== undefined) return { outcome: 'refused', reason, scheme, record };
  // A record is a principal, and more; a text that has one is a credential.
  const { recordsIntrospections } = record;
  return { outcome: 'authenticated', principal: record, credential: text as Credential, recordsIntrospections };
}

function malformed(scheme: Scheme): Refused {
  return { outcome: 'refused', reason: 'malformed', scheme };
}

/** Why the credential behind `record` opens nothing now, presented like this. Pure. */
function flawOf(
  record: CredentialRecord,
  { scheme, user }: PresentedCredential,
  now: Date,
  address: string | undefined,
): RefusalReason | undefined {
  const invalidity = invalidityOf(record, now, address);
  if (invalidity !== undefined) return invalidity;
  if (scheme === 'api_key' && record.kind !== 'api_key') return 'wrong_kind';
  if (user !== undefined && user !== record.id) return 'wrong_user';
  return undefined;
}
