import type { WorkspaceId } from '../../lib/ids.ts';
import type { ExportFilters } from '../core/export-format.ts';
import type { AuditFilters } from '../queries/filters.ts';

export const EXPORT_FORMATS = ['ndjson', 'csv', 'ocsf'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Which part of which log somebody wants. */
export interface ExportScope {
  /** Null is the installation's own log, which is not divided by environment. */
  readonly workspaceId: WorkspaceId | null;
  /** `live` includes what belongs to the whole workspace. Null is everything: for operators. */
  readonly environment: 'live' | 'test' | null;
  readonly filters: AuditFilters;
}

export interface ExportRequest extends ExportScope {
  readonly format: ExportFormat;
  /** A size of which the caller has seen a checkpoint: the export proves that it is the same log. */
  readonly previous?: number | undefined;
}

/** Filters by the names of the API's query parameters; what was not given is not there. */
export function describeFilters(filters: AuditFilters): ExportFilters {
  const { actions, actors, targets, outcomes, ip, requestId, words, since, until } = filters;
  return {
    ...(actions && { action: actions }),
    ...(actors && { actor: actors }),
    ...(targets && { target: targets }),
    ...(outcomes && { outcome: outcomes }),
    ...(ip !== undefined && { ip }),
    ...(requestId !== undefined && { request_id: requestId }),
    ...(words && { q: words.join(' ') }),
    ...(since && { since: since.toISOString() }),
    ...(until && { until: until.toISOString() }),
  };
}
