import { type Credential, ENVIRONMENTS, type Environment } from '../credentials/format.ts';
import { isAccessToken } from '../identity/access-tokens/access-tokens.ts';
import type { AccessTokenClaims } from '../identity/access-tokens/claims.ts';
import type { MemberPrincipal, Principal } from '../identity/principal.ts';
import type { WorkspaceId } from '../lib/ids.ts';
import {
  type PresentedCredential,
  type PresentedCredentials,
  type ReadCredential,
  readCredential,
  type Scheme,
} from './presented.ts';
import type { CredentialRecord, SessionRecord } from './record.ts';
import { type Sought, seek } from './sought.ts';
import { type DecisionDeps, decideInOneTurn, isWanting, lookUp, type Turn, type Wanting } from './turn.ts';
import { type Invalidity, invalidityOf } from './validity.ts';

export type Authentication =
  | Authenticated
  /** No credential at all. */
  | { readonly outcome: 'missing' }
  /** Two credentials at once, or an environment that is none or not the credential's. */
  | { readonly outcome: 'ambiguous'; readonly about: 'credential' | 'environment' }
  | Refused;

export interface Authenticated {
  readonly outcome: 'authenticated';
  readonly principal: Exclude<Principal, { kind: 'system' }>;
  /** What this rests on. */
  readonly sought: Sought;
  /** Whether what it asks is answered only when it is recorded. */
  readonly recordsIntrospections: boolean;
}

export interface Refused {
  readonly outcome: 'refused';
  readonly reason: RefusalReason;
  /** How the credential came, for the challenge. */
  readonly scheme: Scheme;
  /** Whose the credential is or was, if anybody's. */
  readonly holder?: Holder;
}

/** What the audit log is told of whoever holds a credential. */
export interface Holder {
  readonly kind: 'api_key' | 'token' | 'member';
  readonly id: string;
  readonly name: string;
  readonly workspaceId: WorkspaceId;
  /** Null for a member, who has both. */
  readonly environment: Environment | null;
}

export type RefusalReason = Invalidity | 'malformed' | 'unknown' | 'wrong_kind' | 'wrong_user' | 'session_ended';

/**
 * Resolves the credential of a request into a principal. `Authorization: Bearer` takes API keys, tokens and the access
 * tokens of members, `X-API-Key` API keys only. Rejects when the database cannot be asked: a caller is never refused
 * because we cannot tell.
 */
export function authenticate(
  deps: DecisionDeps,
  presented: PresentedCredentials,
): Authentication | Promise<Authentication> {
  const read = readCredential(presented);
  if (read.outcome === 'read' && read.credential.scheme === 'basic') return malformed('basic');
  return decideInOneTurn(deps, (turn) => recognise(read, turn, presented));
}

/**
 * The same for the OAuth endpoints, whose clients may also use Basic: the id of an API key or token as user, the
 * credential itself as password. It is one step of a decision, hence it asks `turn` alone.
 */
export function authenticateClient(presented: PresentedCredentials, turn: Turn): Authentication | Wanting {
  return recognise(readCredential(presented), turn, presented);
}

function recognise(read: ReadCredential, turn: Turn, presented: PresentedCredentials): Authentication | Wanting {
  if (read.outcome === 'malformed') return malformed(read.scheme);
  if (read.outcome === 'ambiguous') return { outcome: 'ambiguous', about: 'credential' };
  if (read.outcome === 'missing') return read;
  const { scheme, text } = read.credential;
  const authentication =
    scheme === 'bearer' && isAccessToken(text)
      ? recogniseMember(text, turn, presented)
      : recogniseCredential(read.credential, turn, presented);
  if (isWanting(authentication) || authentication.outcome !== 'authenticated') return authentication;
  const { environment } = presented;
  const isOther = environment !== undefined && environment !== authentication.principal.environment;
  return isOther ? { outcome: 'ambiguous', about: 'environment' } : authentication;
}

function recogniseCredential(
  presented: PresentedCredential,
  turn: Turn,
  { address }: PresentedCredentials,
): Authenticated | Refused | Wanting {
  const { scheme, text } = presented;
  const record = lookUp(turn, text);
  if (record === undefined) return malformed(scheme);
  if (record === null) return { outcome: 'refused', reason: 'unknown', scheme };
  if (isWanting(record)) return record;
  const reason = flawOf(record, presented, turn.now, address);
  if (reason !== undefined) return { outcome: 'refused', reason, scheme, holder: record };
  // A record is a principal, and more; a text that has one is a credential.
  const { recordsIntrospections } = record;
  return { outcome: 'authenticated', principal: record, sought: seek(text as Credential), recordsIntrospections };
}

/** The signature says who signed in when; what the member may do now its record says. */
function recogniseMember(
  text: string,
  turn: Turn,
  { environment }: PresentedCredentials,
): Authenticated | Refused | Wanting {
  const claims = turn.readAccessToken(text);
  if (claims === undefined) return malformed('bearer');
  const session = turn.recallSession(claims.sessionId);
  const sought: Sought = { credentials: [], sessions: [claims.sessionId] };
  if (session === undefined) return { wanted: sought };
  if (session === null) return { outcome: 'refused', reason: 'unknown', scheme: 'bearer' };
  const reason = flawOfSession(session, claims, turn.now);
  if (reason !== undefined) {
    const { id, name } = session.member;
    const holder: Holder = { kind: 'member', id, name, workspaceId: session.workspaceId, environment: null };
    return { outcome: 'refused', reason, scheme: 'bearer', holder };
  }
  const principal = memberOf(session, claims, ENVIRONMENTS.find((each) => each === environment) ?? 'live');
  return { outcome: 'authenticated', principal, sought, recordsIntrospections: session.recordsIntrospections };
}

function memberOf(
  { member, workspaceId, id: sessionId }: SessionRecord,
  { authenticatedAt }: AccessTokenClaims,
  environment: Environment,
): MemberPrincipal {
  const { id, name, access, scopes } = member;
  return { kind: 'member', id, name, workspaceId, environment, access, scopes, sessionId, authenticatedAt };
}

function malformed(scheme: Scheme): Refused {
  return { outcome: 'refused', reason: 'malformed', scheme };
}

/** Why an access token of `session` opens nothing now. Pure. */
function flawOfSession(session: SessionRecord, claims: AccessTokenClaims, now: Date): RefusalReason | undefined {
  const { member, generation, endedAt, expiresAt } = session;
  if (claims.memberId !== member.id) return 'unknown';
  if (member.isRemoved) return 'owner_removed';
  if (endedAt !== null || generation !== member.generation || claims.generation !== generation) return 'session_ended';
  if (now.getTime() >= Math.min(claims.expiresAt.getTime(), expiresAt.getTime())) return 'expired';
  return undefined;
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
