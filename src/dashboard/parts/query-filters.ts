import { instantInput } from '../../web/fields.ts';
import { type Form, formOf } from '../kernel/form.ts';
import { instantText } from './utc-input.ts';

/** The filters of a list, as they stand in its address. */
export interface QueryFilters<Name extends string> {
  /** Those that say something, as they were typed. */
  readonly set: readonly (readonly [name: Name, value: string])[];
  /** What is in the fields. */
  readonly form: Form;
  /** The address of a page with these filters, some of them others, and with what else is given. */
  hrefOf(path: string, changes?: Readonly<Record<string, string>>): string;
}

/** Reads the filters of these names; what else is in `source` says nothing. */
export function queryFilters<Name extends string>(
  names: readonly Name[],
  source: { get(name: string): string | null },
): QueryFilters<Name> {
  const set = names.flatMap((name) => {
    const value = source.get(name)?.trim() ?? '';
    return value === '' ? [] : [[name, value] as const];
  });
  return {
    set,
    form: formOf(set),
    hrefOf: (path, changes = {}) => {
      const query = new URLSearchParams({ ...Object.fromEntries(set), ...changes });
      return query.size === 0 ? path : `${path}?${query}`;
    },
  };
}

const DAY_MS = 86_400_000;

/** The end of a range of time, which a day is in with all of it, as an RFC 3339 time. */
export function endText(typed: string): string {
  const text = instantText(typed);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(typed)) return text;
  const start = instantInput.safeParse(text);
  return start.success ? new Date(start.data.getTime() + DAY_MS).toISOString() : text;
}

/** What the API says of a time, for a field that takes days, too. */
export function inDays(message: string): string {
  return message
    .replace(/^must be an RFC 3339 time.*$/, 'must be a day such as 2026-11-22, or a time such as 2026-11-22T12:00:00Z')
    .replace('before since', 'before “From”');
}
