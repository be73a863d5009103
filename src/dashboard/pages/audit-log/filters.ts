import { z } from 'zod';
import { AUDIT_ACTIONS } from '../../../audit/events/catalogue.ts';
import type { AuditFilters } from '../../../audit/queries/filters.ts';
import { ServiceError } from '../../../lib/errors.ts';
import { auditFilterFields, auditFiltersOf, auditSearchField } from '../../../web/audit-filters.ts';
import { toServiceError } from '../../../web/failure.ts';
import { cursorInput } from '../../../web/fields.ts';
import { parseFields } from '../../kernel/form.ts';
import { endText, inDays, type QueryFilters, queryFilters } from '../../parts/query-filters.ts';
import { instantText } from '../../parts/utc-input.ts';

/** What the log can be narrowed down to: the filters of the API, and what people call them. */
const LABELS = {
  q: 'Search',
  action: 'Action',
  outcome: 'Outcome',
  since: 'From',
  until: 'To',
  actor: 'Actor',
  target: 'Target',
  ip: 'Source address',
  request_id: 'Request id',
} as const;

export type FilterName = keyof typeof LABELS;

const NAMES = Object.keys(LABELS) as FilterName[];
/** Those that are only seen among more of them. */
const RARE: readonly FilterName[] = ['actor', 'target', 'ip', 'request_id'];
const LISTS: readonly FilterName[] = ['action', 'outcome', 'actor', 'target'];

export interface LogFilters extends QueryFilters<FilterName> {
  readonly isRare: boolean;
  /** What is asked for, or what is wrong with it. */
  readonly read: ReadFilters | { readonly problems: readonly Problem[] };
}

export interface ReadFilters {
  readonly filters: AuditFilters;
  readonly cursor: string | undefined;
}

/** What is wrong with a filter, or with the place in the list; in words for people. */
export interface Problem {
  readonly name: FilterName | undefined;
  readonly text: string;
}

export function labelOf(name: FilterName): string {
  return LABELS[name];
}

/** The filters in the address of a page, or in a form. */
export function readFilters(source: { get(name: string): string | null }): LogFilters {
  const filters = queryFilters(NAMES, source);
  return {
    ...filters,
    isRare: filters.set.some(([name]) => RARE.includes(name)),
    read: parse(filters.set, source.get('cursor') ?? undefined),
  };
}

const schema = z.object({ ...auditFilterFields, q: auditSearchField, cursor: cursorInput });

function parse(set: readonly (readonly [FilterName, string])[], cursor: string | undefined): LogFilters['read'] {
  try {
    const { q: words, cursor: place, ...filters } = parseFields(schema, { ...meantBy(set), cursor });
    return { filters: { ...auditFiltersOf(filters), words }, cursor: place };
  } catch (thrown) {
    return { problems: problemsOf(toServiceError(thrown)) };
  }
}

/** What people type, as the API wants it. */
export function meantBy(typed: readonly (readonly [name: FilterName, value: string])[]): Record<string, string> {
  return Object.fromEntries(typed.map(([name, value]) => [name, meant(name, value)]));
}

function meant(name: FilterName, value: string): string {
  if (name === 'since') return instantText(value);
  if (name === 'until') return endText(value);
  if (!LISTS.includes(name)) return value;
  const values = value.split(/\s*,\s*/);
  return (name === 'action' ? values.flatMap(startingWith) : values).join(',');
}

const ACTIONS = Object.keys(AUDIT_ACTIONS);
const KINDS = [...new Set(ACTIONS.map((action) => `${action.split('.')[0]}.`))];

/** What begins so, for who has not typed to the end: kinds of actions, or else actions. */
function startingWith(typed: string): string[] {
  if (typed === '' || ACTIONS.includes(typed)) return [typed];
  const kinds = KINDS.filter((kind) => kind.startsWith(typed)).map((kind) => `${kind}*`);
  const actions = ACTIONS.filter((action) => action.startsWith(typed));
  if (kinds.length > 0) return kinds;
  return actions.length > 0 ? actions : [typed];
}

/** What is wrong with the filters, or with the place in the list, by what an error says of them. */
export function problemsOf(error: ServiceError): Problem[] {
  if (error.code === 'invalid_request') return [{ name: undefined, text: error.message }];
  if (error.code !== 'validation_failed') throw error;
  return (inWords(error).details ?? []).map(({ path, message }) => {
    const name = NAMES.find((each) => each === path);
    if (name === undefined) return { name, text: `This place in the list ${message}.` };
    return { name, text: `“${LABELS[name]}” ${message}.` };
  });
}

/** The same error, in the words of the page. */
export function inWords(error: ServiceError): ServiceError {
  const { code, details } = error;
  if (details === undefined) return error;
  return new ServiceError(code, { details: details.map(({ path, message }) => ({ path, message: inDays(message) })) });
}
