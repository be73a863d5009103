import canonicalize from 'canonicalize';
import { parseAddress } from '../../lib/addresses.ts';
import type { WorkspaceId } from '../../lib/ids.ts';
import { AUDIT_ACTIONS } from '../events/catalogue.ts';

/** Whose eyes a query has. `test` sees what is of the test environment only, `live` everything else. */
export interface AuditViewer {
  /** Null is the installation's own log, which is for operators and is not divided by environment. */
  readonly workspaceId: WorkspaceId | null;
  readonly environment: 'live' | 'test';
}

/** An event must match every filter that is given, and of a list any one value. */
export interface AuditFilters {
  /** `token.created`, or all of a kind: `token.*`. */
  readonly actions?: readonly string[] | undefined;
  /** Ids, or `system` and `anonymous`, which have none. */
  readonly actors?: readonly string[] | undefined;
  readonly targets?: readonly string[] | undefined;
  readonly outcomes?: readonly string[] | undefined;
  readonly ip?: string | undefined;
  readonly requestId?: string | undefined;
  /** Words that all have to occur in an event; see `searchWords`. */
  readonly words?: readonly string[] | undefined;
  /** From this instant on. */
  readonly since?: Date | undefined;
  /** Before this instant. */
  readonly until?: Date | undefined;
}

export type AuditOrder = 'desc' | 'asc';

/** Whether `pattern` is an action, or the `kind.*` of at least one. */
export function isActionPattern(pattern: string): boolean {
  return expandAction(pattern).length > 0;
}

/** Where the values of a facet are found. Every index starts with log, environment, value, leaf index. */
export const INDEXED = {
  request: { table: 'audit_leaves', column: 'request_id' },
  target: { table: 'audit_targets', column: 'target_id' },
  source: { table: 'audit_sources', column: 'ip' },
  actor: { table: 'audit_leaves', column: 'actor_id' },
  word: { table: 'audit_words', column: 'word' },
  action: { table: 'audit_leaves', column: 'action' },
  outcome: { table: 'audit_leaves', column: 'outcome' },
} as const;

/** One of the values in one of the indexes; several branches are alternatives. */
export interface Branch {
  readonly index: keyof typeof INDEXED;
  readonly values: readonly string[];
}

/** What an event must match: any of its branches. A list without a value matches nothing. */
export interface Facet {
  readonly branches: readonly Branch[];
  /** Stands for all words of the log that begin with it, too. */
  readonly wordPrefix?: string;
}

/** What the filters ask for: all of it. The one that usually has the fewest leaves comes first. */
export type Facets = readonly Facet[];

export function facetsOf({ actions, actors, targets, outcomes, ip, requestId, words = [] }: AuditFilters): Facets {
  const facet = (index: Branch['index'], values: readonly string[] | undefined): Facet[] =>
    values === undefined ? [] : [{ branches: [{ index, values: unique(values) }] }];
  return [
    ...facet('request', requestId === undefined ? undefined : [requestId]),
    ...facet('target', targets),
    ...facet('source', ip === undefined ? undefined : [parseAddress(ip) ?? ip]),
    ...facet('actor', actors),
    ...unique(words).map(facetOfWord),
    ...facet('action', actions && actionsOf(actions)),
    ...facet('outcome', outcomes),
  ];
}

/**
 * The words of a search. A word is found in an action or the kind of its operation, in an outcome, the id of an actor, a
 * target or a request, the name of a scope, a reason, and in what changed: see the migration `audit_words`. From three
 * characters on it also finds the words there that begin with it.
 */
export function searchWords(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

const SHORTEST_PREFIX = 3;

/** Ids are compared as they are typed, and in lower case, as ours are; everything else in lower case. */
function facetOfWord(word: string): Facet {
  const lower = word.toLowerCase();
  const ids = unique([word, lower]);
  const actions = Object.entries(AUDIT_ACTIONS).filter(
    ([name, { operation }]) => name.includes(lower) || operation === lower,
  );
  const branches: Branch[] = [
    { index: 'request', values: ids },
    { index: 'target', values: ids },
    { index: 'actor', values: ids },
    { index: 'word', values: [lower] },
    { index: 'action', values: actions.map(([name]) => name) },
    { index: 'outcome', values: OUTCOMES.filter((outcome) => outcome === lower) },
  ];
  return {
    branches: branches.filter(({ values }) => values.length > 0),
    ...([...lower].length >= SHORTEST_PREFIX && { wordPrefix: lower }),
  };
}

const OUTCOMES = ['success', 'denied', 'failure'];

/** `instant`, or the nearest that the database can hold; no event is beyond. */
export function withinCalendar(instant: Date | undefined): Date | undefined {
  return instant && new Date(Math.min(Math.max(instant.getTime(), FIRST_INSTANT), LAST_INSTANT));
}

const FIRST_INSTANT = Date.UTC(1970, 0, 1);
const LAST_INSTANT = Date.UTC(9999, 11, 31);

/** What a cursor of this query is good for. The patterns stay patterns: a new action must not end old cursors. */
export function cursorBinding(viewer: AuditViewer, filters: AuditFilters, order: AuditOrder): string {
  const { since, until, ip, ...facets } = filters;
  const binding = {
    list: 'audit-log',
    workspace: viewer.workspaceId,
    environment: viewer.environment,
    order,
    filters: Object.fromEntries(
      Object.entries(facets).map(([name, value]) => [name, typeof value === 'string' ? value : value && unique(value)]),
    ),
    ip: ip === undefined ? null : (parseAddress(ip) ?? ip),
    since: since?.getTime() ?? null,
    until: until?.getTime() ?? null,
  };
  return canonicalize(binding) ?? '';
}

/** All actions that some of the patterns stand for. */
export function actionsOf(patterns: readonly string[]): string[] {
  return unique(patterns.flatMap(expandAction));
}

function expandAction(pattern: string): string[] {
  if (!pattern.endsWith('.*')) return Object.hasOwn(AUDIT_ACTIONS, pattern) ? [pattern] : [];
  const prefix = pattern.slice(0, -1);
  return Object.keys(AUDIT_ACTIONS).filter((action) => action.startsWith(prefix));
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
