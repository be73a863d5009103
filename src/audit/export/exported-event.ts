import type { Actor, Change, NewEvent, RequestOrigin } from '../events/event.ts';
import { describeFilters, type ExportRequest } from './scope.ts';

/** Who exports. */
export interface Exporter {
  readonly actor: Actor;
  readonly request: RequestOrigin;
}

/** Values of these are about people: the leaf only says that the filter was given. */
const PERSONAL_FILTERS: ReadonlySet<string> = new Set(['ip', 'q']);

/** What the log has of an export: its format, its filters, and the leaves it looked at. */
export function exportedEvent(
  { workspaceId, environment, format, filters, previous }: ExportRequest,
  { actor, request }: Exporter,
  range: { readonly first: number; readonly end: number },
): NewEvent {
  const shown = Object.entries(describeFilters(filters)).map(([name, value]): Change => {
    const change = { field: `filter.${name}`, old: null, new: value };
    return PERSONAL_FILTERS.has(name) ? { ...change, isPersonal: true } : change;
  });
  return {
    workspaceId,
    environment,
    action: 'audit_log.exported',
    outcome: 'success',
    actor,
    targets: workspaceId === null ? [] : [{ type: 'workspace', id: workspaceId, name: null }],
    changes: [
      { field: 'format', old: null, new: format },
      { field: 'range', old: null, new: range },
      ...(previous === undefined ? [] : [{ field: 'previous', old: null, new: previous }]),
      ...shown,
    ],
    request,
  };
}
