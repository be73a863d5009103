import type { Database } from '../db/connection.ts';
import type { Caller } from '../identity/principal.ts';
import type { Clock } from '../lib/clock.ts';
import type { CursorCodec } from '../lib/cursor.ts';
import { ServiceError } from '../lib/errors.ts';
import type { MemberId, ProjectId, RoleId, TokenId } from '../lib/ids.ts';
import { type Page, type PageInput, readNewestFirst, sortedFilters } from '../lib/page.ts';
import { realmBinding, realmOf } from './realm.ts';
import { selectTokenPage, type TokenFilters } from './store/list.ts';
import { selectToken } from './store/tokens.ts';
import type { Token, TokenStatus } from './token.ts';

export interface ListInput extends PageInput {
  readonly name?: string;
  readonly statuses?: readonly TokenStatus[];
  /** Tokens that can do this: a `read` is also found in tokens that were granted the `write` only. */
  readonly scope?: string;
  readonly roleId?: RoleId;
  readonly ownerId?: MemberId;
  readonly projectId?: ProjectId;
  readonly createdBy?: string;
  readonly expiresBefore?: Date;
  readonly unusedSince?: Date;
}

/** The token, or `not_found` if the caller sees none of that id. */
export async function getToken({ db }: { readonly db: Database }, caller: Caller, id: TokenId): Promise<Token> {
  const token = await selectToken(db, realmOf(caller.principal), id);
  if (token === undefined) throw new ServiceError('not_found');
  return token;
}

/** A page of the tokens that the caller sees, newest first. */
export async function listTokens(
  deps: { readonly db: Database; readonly clock: Clock; readonly cursors: CursorCodec },
  { principal }: Caller,
  input: ListInput,
): Promise<Page<Token>> {
  const { limit, cursor, scope, ...rest } = input;
  const filters: TokenFilters = { ...rest, ...(scope !== undefined && { anyOfScopes: scopesGranting(scope) }) };
  const realm = realmOf(principal);
  const binding = JSON.stringify(['tokens', ...realmBinding(realm), sortedFilters(filters)]);
  const now = deps.clock.now();
  return readNewestFirst(deps.cursors, binding, { limit, cursor }, (page) =>
    selectTokenPage(deps.db, realm, filters, { ...page, now }),
  );
}

function scopesGranting(scope: string): string[] {
  return scope.endsWith(':read') ? [scope, `${scope.slice(0, -':read'.length)}:write`] : [scope];
}
