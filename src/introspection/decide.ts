import type { Principal } from '../identity/principal.ts';
import { grantsScope } from '../identity/scopes.ts';
import type { CredentialRecord, TokenRecord } from './record.ts';
import { type Invalidity, invalidityOf } from './validity.ts';

/** What the caller asks about a token, beside the token itself. */
export interface Question {
  /** "May it do this?" */
  readonly requiredScope: string | undefined;
  /** Where the token's holder called the caller from; a canonical address. */
  readonly clientIp: string | undefined;
}

export type Verdict = Active | Inactive;

export interface Active {
  readonly isActive: true;
  readonly token: TokenRecord;
  /** The answer to the question for a scope; undefined if there was none. */
  readonly isAuthorized: boolean | undefined;
  /** The scope in question, if the token lacks it. */
  readonly missingScope: string | undefined;
}

/** The reason is for the workspace's own people; the caller never learns it. */
export interface Inactive {
  readonly isActive: false;
  readonly reason: InactiveReason;
}

export type InactiveReason =
  | Invalidity
  | 'malformed'
  | 'unknown'
  | 'not_a_token'
  | 'other_workspace'
  | 'other_environment'
  | 'other_audience';

/**
 * Whether the credential behind `record` is a token that is good for `caller` at `now` (RFC 7662 §2.2). Pure, and run
 * again for every request, so that nothing has to happen for a token to expire.
 */
export function decide(record: CredentialRecord | null, caller: Principal, question: Question, now: Date): Verdict {
  if (record === null) return inactive('unknown');
  if (record.kind !== 'token') return inactive('not_a_token');
  if (record.workspaceId !== caller.workspaceId) return inactive('other_workspace');
  if (record.environment !== caller.environment) return inactive('other_environment');
  if (!isForAudienceOf(caller, record)) return inactive('other_audience');
  const invalidity = invalidityOf(record, now, question.clientIp);
  if (invalidity !== undefined) return inactive(invalidity);
  const { requiredScope } = question;
  if (requiredScope === undefined) {
    return { isActive: true, token: record, isAuthorized: undefined, missingScope: undefined };
  }
  const isAuthorized = grantsScope(record.scopes, requiredScope);
  return { isActive: true, token: record, isAuthorized, missingScope: isAuthorized ? undefined : requiredScope };
}

/** A calling token with an audience sees the tokens of that audience and those of none. Other callers see all. */
function isForAudienceOf(caller: Principal, token: TokenRecord): boolean {
  if (caller.kind !== 'token' || caller.audience === null || token.audience === null) return true;
  return token.audience === caller.audience;
}

function inactive(reason: InactiveReason): Inactive {
  return { isActive: false, reason };
}
