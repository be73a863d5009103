import type { AuditEvent } from '../../audit/events/event.ts';
import { codeOf, type Phrase, phrase } from './phrase.ts';

/** What stopped a credential or a call, in words; codes of the audit log that are not here are shown as they are. */
const REASONS: Readonly<Record<string, string>> = {
  address_not_allowed: 'it came from an address that its list does not have',
  address_unknown: 'the address it came from is not known, and it has a list of addresses',
  ended: 'its session is over',
  expired: 'it has expired',
  forbidden: 'that is not for it to do',
  insufficient_user_authentication: 'that takes a fresh proof of who it is',
  invalid_link: 'the link was used, replaced or has expired',
  malformed: 'it is none of ours',
  missing_scope: 'it lacks the scope that was asked for',
  not_yet_valid: 'it is not valid yet',
  other_audience: 'it is for another audience',
  owner_removed: 'its owner has been removed',
  refresh_token_ended: 'the session of the refresh token is over',
  refresh_token_expired: 'the refresh token has expired',
  refresh_token_malformed: 'what was presented is no refresh token',
  refresh_token_unknown: 'nobody has that refresh token',
  revoked: 'it is revoked',
  secret_replaced: 'its secret has been replaced',
  session_ended: 'its session is over',
  unknown: 'nobody has it',
  wrong_kind: 'it is a credential of another kind',
  wrong_user: 'the user named beside it is another',
};

/** At which step a sign-in failed. */
const SIGN_IN_REASONS: Readonly<Record<string, string>> = {
  challenge: 'the sign-in had waited too long for its second factor',
  locked: 'the account is locked',
  password: 'the password was wrong',
  totp: 'the code was wrong',
  unknown: 'nobody has that email address',
};

/** `: it has expired`, or nothing if the event has no reason. */
export function becausePhrase({ reason }: Pick<AuditEvent, 'reason'>): Phrase {
  return reason === null ? [] : phrase`: ${reasonPhrase(reason)}`;
}

/** The same for a sign-in. */
export function becauseOfStepPhrase({ reason }: Pick<AuditEvent, 'reason'>): Phrase {
  return reason === null ? [] : phrase`: ${textFor(SIGN_IN_REASONS, reason) ?? codeOf(reason)}`;
}

function reasonPhrase(reason: string): Phrase {
  const scope = /^insufficient_scope:(.+)$/.exec(reason)?.[1];
  if (scope !== undefined) return phrase`it lacks the scope ${codeOf(scope)}`;
  const words = textFor(REASONS, reason);
  return words === undefined ? codeOf(reason) : phrase`${words}`;
}

function textFor(texts: Readonly<Record<string, string>>, code: string): string | undefined {
  return Object.hasOwn(texts, code) ? texts[code] : undefined;
}
