import type { ReservedScope } from '../../identity/scopes.ts';

const TEXTS: Readonly<Record<ReservedScope, string>> = {
  'tokens:read': 'List tokens and look at them, through the API of Tooken.',
  'tokens:write': 'Issue, change, rotate and revoke tokens that can do no more than the token itself.',
  'tokens:introspect': 'Ask whether a token is good, as services do that receive one.',
  'audit:read': 'Read the audit log.',
};

/** What a scope allows that is about Tooken itself. */
export function reservedText(scope: ReservedScope): string {
  return TEXTS[scope];
}
