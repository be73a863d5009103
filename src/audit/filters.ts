import canonicalize from 'canonicalize';
import { parseAddress } from '../lib/addresses.ts';
import type { WorkspaceId } from '../lib/ids.ts';
import { AUDIT_ACTIONS } from './catalogue.ts';

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

/** What the filters compare with: every facet's values, without duplicates. */
export interface Facets {
  readonly request?: readonly string[];
  readonly target?: readonly string[];
  readonly source?: readonly string[];
  readonly actor?: readonly string[];
  readonly action?: readonly string[];
  readonly outcome?: readonly string[];
}

export function facetsOf({ actions, actors, targets, outcomes, ip, requestId }: AuditFilters): Facets {
  return {
    ...(requestId !== undefined && { request: [requestId] }),
    ...(targets && { target: unique(targets) }),
    ...(ip !== undefined && { source: [parseAddress(ip) ?? ip] }),
    ...(actors && { actor: unique(actors) }),
    ...(actions && { action: unique(actions.flatMap(expandAction)) }),
    ...(outcomes && { outcome: unique(outcomes) }),
  };
}

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

function expandAction(pattern: string): string[] {
  if (!pattern.endsWith('.*')) return Object.hasOwn(AUDIT_ACTIONS, pattern) ? [pattern] : [];
  const prefix = pattern.slice(0, -1);
  return Object.keys(AUDIT_ACTIONS).filter((action) => action.startsWith(prefix));
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
