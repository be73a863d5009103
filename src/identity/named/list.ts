import type { Database } from '../../db/connection.ts';
import type { CursorCodec } from '../../lib/cursor.ts';
import { ServiceError } from '../../lib/errors.ts';
import { type Page, type PageInput, readNewestFirst } from '../../lib/page.ts';
import type { Caller } from '../principal.ts';
import type { Named, NamedKind } from './kind.ts';
import { selectNamed, selectNamedPage } from './store.ts';

export interface NamedListInput extends PageInput {
  /** A part of the name, in any case. */
  readonly name?: string | undefined;
}

/** @throws ServiceError `not_found` if the caller's workspace has none of that id */
export async function getNamed<Item extends Named>(
  { db }: { readonly db: Database },
  { principal }: Caller,
  kind: NamedKind<Item>,
  id: Item['id'],
): Promise<Item> {
  const item = await selectNamed(db, kind, principal.workspaceId, id);
  if (item === undefined) throw new ServiceError('not_found');
  return item;
}

/** A page of those of the caller's workspace, newest first. */
export async function listNamed<Item extends Named>(
  { db, cursors }: { readonly db: Database; readonly cursors: CursorCodec },
  { principal: { workspaceId } }: Caller,
  kind: NamedKind<Item>,
  { name, limit, cursor }: NamedListInput,
): Promise<Page<Item>> {
  const binding = JSON.stringify([kind.table, workspaceId, name ?? null]);
  return readNewestFirst(cursors, binding, { limit, cursor }, (page) =>
    selectNamedPage(db, kind, workspaceId, { ...page, name }),
  );
}
