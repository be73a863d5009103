import type { ServiceError } from '../../../lib/errors.ts';
import type { ListInput } from '../../../tokens/list.ts';
import { toServiceError } from '../../../web/failure.ts';
import { listInputOf, tokenFilters } from '../../../web/token-filters.ts';
import { type Form, formOf, parseFields } from '../../kernel/form.ts';
import { instantText } from '../../parts/utc-input.ts';

/** What the list can be narrowed down to: the filters of the API, and what people call them. */
const LABELS = {
  name: 'Name contains',
  status: 'Status',
  scope: 'Can do',
  role: 'Role',
  project_id: 'Project',
  owner: 'Owner',
  created_by: 'Issued by',
  expires_before: 'Expires before',
  unused_since: 'Not used since',
} as const;

export type FilterName = keyof typeof LABELS;

const NAMES = Object.keys(LABELS) as FilterName[];
/** Those that are seen without asking for more. */
const COMMON: readonly FilterName[] = ['name', 'status', 'scope'];

export interface Filters {
  /** What is in the fields. */
  readonly form: Form;
  readonly isAny: boolean;
  /** Whether one is set that is only seen among more of them. */
  readonly isRare: boolean;
  /** What is asked for, or what is wrong with it, a sentence each. */
  readonly read: { readonly input: ListInput } | { readonly problems: readonly string[] };
  /** The address of the list with these filters, and from `cursor` on. */
  hrefOf(path: string, cursor?: string): string;
}

export function labelOf(name: FilterName): string {
  return LABELS[name];
}

/** The filters in the address of a list. What else is in it says nothing. */
export function readFilters(query: URLSearchParams): Filters {
  const set = NAMES.flatMap((name) => {
    const value = query.get(name)?.trim() ?? '';
    return value === '' ? [] : [[name, value] as const];
  });
  return {
    form: formOf(set),
    isAny: set.length > 0,
    isRare: set.some(([name]) => !COMMON.includes(name)),
    read: parse(set, query.get('cursor')),
    hrefOf: (path, cursor) => {
      const parameters = new URLSearchParams(Object.fromEntries(set));
      if (cursor !== undefined) parameters.set('cursor', cursor);
      return parameters.size === 0 ? path : `${path}?${parameters}`;
    },
  };
}

function parse(set: readonly (readonly [FilterName, string])[], cursor: string | null): Filters['read'] {
  const values = set.map(([name, value]) => [name, TIMES.includes(name) ? instantText(value) : value]);
  try {
    return {
      input: listInputOf(parseFields(tokenFilters, { ...Object.fromEntries(values), ...(cursor && { cursor }) })),
    };
  } catch (thrown) {
    return { problems: problemsOf(toServiceError(thrown)) };
  }
}

const TIMES: readonly FilterName[] = ['expires_before', 'unused_since'];

/** What is wrong with the filters, or with the place in the list, in words for people. */
export function problemsOf(error: ServiceError): string[] {
  if (error.code === 'invalid_request') return [error.message];
  if (error.code !== 'validation_failed') throw error;
  return (error.details ?? []).map(({ path, message }) => {
    const name = NAMES.find((each) => each === path || path.startsWith(`${each}[`));
    return name === undefined ? `This place in the list ${message}.` : `“${LABELS[name]}” ${message}.`;
  });
}
