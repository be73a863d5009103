import { cleanText } from '../audit/events/clean.ts';
import type { Caller } from '../identity/principal.ts';
import { createIdSeries, type IdSource, idToUuid } from '../lib/ids.ts';
import { maskCredentials } from '../lib/masking.ts';

/** What came of a call. */
export interface Answered {
  /** When it came. */
  readonly at: Date;
  readonly status: number;
  readonly durationMs: number;
}

/**
 * The row of a call, as the JSON that the database reads it from: one flat text, which holds on to nothing of the request and
 * is no larger than what it says. Undefined for who is no API key or token: what people do is in the audit log.
 */
export type RowSource = (caller: Caller, answered: Answered) => string | undefined;

/** Ids are given here, so that a row which is sent twice is one row. */
export function createRowSource(source: IdSource): RowSource {
  const nextId = createIdSeries('log', source);
  return ({ principal, request }, { at, status, durationMs }) => {
    if (principal.kind !== 'api_key' && principal.kind !== 'token') return undefined;
    return JSON.stringify({
      id: idToUuid(nextId(source.clock.monotonicMs())),
      workspace_id: idToUuid(principal.workspaceId),
      environment: principal.environment,
      at,
      principal_id: principal.id,
      method: request.method,
      route: request.route,
      status,
      duration_ms: Math.round(durationMs),
      request_id: request.id,
      ip: request.ip,
      user_agent: request.userAgent === null ? null : cleanText(maskCredentials(request.userAgent)),
    });
  };
}
