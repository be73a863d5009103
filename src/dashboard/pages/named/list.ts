import type { Named, NamedKind } from '../../../identity/named/kind.ts';
import { listNamed } from '../../../identity/named/list.ts';
import { ServiceError } from '../../../lib/errors.ts';
import { namedListQuery } from '../../../web/named-fields.ts';
import { parseFields } from '../../kernel/form.ts';
import type { Visit } from '../../kernel/visit.ts';

/** A page of roles or projects, as its address asks for it. */
export interface NamedList<Item extends Named> {
  /** A part of the names; empty for all. */
  readonly name: string;
  readonly items: readonly Item[];
  /** The links of the pager. */
  readonly newest: string | undefined;
  readonly next: string | undefined;
  /** What is wrong with the address; then there are no items. */
  readonly problem: string | undefined;
}

/** Reads what the address of the page asks for: a part of the names (`name`) and a place in the list (`cursor`). */
export async function readNamedList<Item extends Named>(visit: Visit, kind: NamedKind<Item>): Promise<NamedList<Item>> {
  const { services, caller, query } = visit;
  const asked = { name: query.get('name') || undefined, cursor: query.get('cursor') || undefined };
  const name = asked.name ?? '';
  const address = (parameters: Record<string, string>) => {
    const said = new URLSearchParams({ ...(name !== '' && { name }), ...parameters }).toString();
    return visit.at(visit.path) + (said === '' ? '' : `?${said}`);
  };
  const newest = asked.cursor === undefined ? undefined : address({});
  try {
    const { items, nextCursor } = await listNamed(services, caller, kind, parseFields(namedListQuery, asked));
    return {
      name,
      items,
      newest,
      next: nextCursor === null ? undefined : address({ cursor: nextCursor }),
      problem: undefined,
    };
  } catch (thrown) {
    return { name, items: [], newest, next: undefined, problem: problemWith(thrown) };
  }
}

function problemWith(thrown: unknown): string {
  if (!(thrown instanceof ServiceError)) throw thrown;
  if (thrown.code === 'validation_failed') return 'A name has at most 128 characters. Look for less of it.';
  if (thrown.code === 'invalid_request')
    return 'The address leads to no place in this list. Start from the newest again.';
  throw thrown;
}
