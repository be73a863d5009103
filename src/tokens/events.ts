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

/** The fields of a token that the log follows. What people wrote about it is personal; who owns it is said by id. */
const FIELDS: readonly {
  readonly field: string;
  readonly isPersonal?: true;
  readonly read: (token: Token) => unknown;
}[] = [
  { field: 'name', isPersonal: true, read: ({ name }) => name },
  { field: 'description', isPersonal: true, read: ({ description }) => description },
  { field: 'scopes', read: ({ scopes }) => scopes },
  { field: 'role', read: ({ role }) => role?.id ?? null },
  { field: 'owner', read: ({ owner }) => owner?.id ?? null },
  { field: 'project_id', read: ({ projectId }) => projectId },
  { field: 'audience', read: ({ audience }) => audience },
  { field: 'metadata', isPersonal: true, read: ({ metadata }) => metadata },
  { field: 'allowed_cidrs', read: ({ allowedCidrs }) => allowedCidrs },
  { field: 'not_before', read: ({ notBefore }) => notBefore },
  { field: 'expires_at', read: ({ expiresAt }) => expiresAt },
];

/** What differs between two states of a token. */
export function changesBetween(before: Token, after: Token): Change[] {
  return FIELDS.flatMap(({ read, ...rest }) => {
    const change = { ...rest, old: plain(read(before)), new: plain(read(after)) };
    return canonical(change.old) === canonical(change.new) ? [] : [change];
  });
}

/** The terms a new token is issued on: what was left open is not listed. */
export function termsOf(token: Token): Change[] {
  return FIELDS.flatMap(({ field, read, isPersonal }) => {
    const value = plain(read(token));
    return value === null || isPersonal === true ? [] : [{ field, old: null, new: value }];
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
