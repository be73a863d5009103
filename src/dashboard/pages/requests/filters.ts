import type { ServiceError } from '../../../lib/errors.ts';
import type { RequestsInput } from '../../../requests/read.ts';
import { toServiceError } from '../../../web/failure.ts';
import { callFilters, callsInputOf } from '../../../web/request-filters.ts';
import { parseFields } from '../../kernel/form.ts';
import { endText, inDays, type QueryFilters, queryFilters } from '../../parts/query-filters.ts';
import { instantText } from '../../parts/utc-input.ts';

/** What the log of calls can be narrowed down to: the filters of the API, and what people call them. */
const LABELS = {
  principal: 'Caller',
  method: 'Method',
  route: 'Route',
  status: 'Status',
  since: 'From',
  until: 'To',
  ip: 'Source address',
} as const;

export type CallFilterName = keyof typeof LABELS;

const NAMES = Object.keys(LABELS) as CallFilterName[];

export interface CallFilters extends QueryFilters<CallFilterName> {
  /** What is asked for, or what is wrong with it. */
  readonly read: { readonly input: RequestsInput } | { readonly problems: readonly CallProblem[] };
}

/** What is wrong with a filter, or with the place in the list; in words for people. */
export interface CallProblem {
  readonly name: CallFilterName | undefined;
  readonly text: string;
}

export function labelOf(name: CallFilterName): string {
  return LABELS[name];
}

/** The filters in the address of the page. */
export function readCallFilters(query: URLSearchParams): CallFilters {
  const filters = queryFilters(NAMES, query);
  return { ...filters, read: parse(filters, query.get('cursor') ?? undefined) };
}

function parse({ set }: QueryFilters<CallFilterName>, cursor: string | undefined): CallFilters['read'] {
  const fields = Object.fromEntries(set.map(([name, value]) => [name, meant(name, value)]));
  try {
    return { input: callsInputOf(parseFields(callFilters, { ...fields, ...(cursor !== undefined && { cursor }) })) };
  } catch (thrown) {
    return { problems: callProblemsOf(toServiceError(thrown)) };
  }
}

/** What people type, as the API wants it. */
function meant(name: CallFilterName, value: string): string {
  if (name === 'since') return instantText(value);
  return name === 'until' ? endText(value) : value;
}

/** What is wrong with the filters, or with the place in the list, by what an error says of them. */
export function callProblemsOf(error: ServiceError): CallProblem[] {
  if (error.code === 'invalid_request') return [{ name: undefined, text: error.message }];
  if (error.code !== 'validation_failed') throw error;
  return (error.details ?? []).map(({ path, message }) => {
    const name = NAMES.find((each) => each === path);
    if (name === undefined) return { name, text: `This place in the list ${message}.` };
    return { name, text: `“${LABELS[name]}” ${inDays(message)}.` };
  });
}
