import type { AuditAction } from '../audit/events/catalogue.ts';
import type { Change, NewEvent } from '../audit/events/event.ts';
import { actorOf, type Caller } from '../identity/principal.ts';
import type { Token } from './token.ts';

type TokenAction = Extract<AuditAction, `token.${string}`>;

/** The event of something done to one token. */
export function tokenEvent(
  action: TokenAction,
  { principal, request }: Caller,
  token: Pick<Token, 'id' | 'name'>,
  said: Pick<NewEvent, 'changes' | 'note'> = {},
): NewEvent {
  return {
    workspaceId: principal.workspaceId,
    environment: principal.environment,
    action,
    outcome: 'success',
    actor: actorOf(principal),
    targets: [{ type: 'token', id: token.id, name: token.name }],
    request,
    ...said,
  };
}

/** The fields of a token that the log follows. What people wrote about it is personal. */
const FIELDS = [
  { field: 'name', key: 'name', isPersonal: true },
  { field: 'description', key: 'description', isPersonal: true },
  { field: 'scopes', key: 'scopes' },
  { field: 'audience', key: 'audience' },
  { field: 'metadata', key: 'metadata', isPersonal: true },
  { field: 'allowed_cidrs', key: 'allowedCidrs' },
  { field: 'not_before', key: 'notBefore' },
  { field: 'expires_at', key: 'expiresAt' },
] as const satisfies readonly { field: string; key: keyof Token; isPersonal?: true }[];

/** What differs between two states of a token. */
export function changesBetween(before: Token, after: Token): Change[] {
  return FIELDS.flatMap(({ key, ...rest }) => {
    const change = { ...rest, old: plain(before[key]), new: plain(after[key]) };
    return canonical(change.old) === canonical(change.new) ? [] : [change];
  });
}

/** The terms a new token is issued on: what was left open is not listed. */
export function termsOf(token: Token): Change[] {
  return FIELDS.flatMap(({ field, key, ...rest }) => {
    const value = plain(token[key]);
    return value === null || 'isPersonal' in rest ? [] : [{ field, old: null, new: value }];
  });
}

function plain(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value;
}

/** The database keeps no order of members, so neither does the comparison. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
