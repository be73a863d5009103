import { cleanText } from '../audit/events/clean.ts';
import type { Caller } from '../identity/principal.ts';
import { createIdSeries, type IdSource, idToUuid } from '../lib/ids.ts';
import { maskCredentials } from '../lib/masking.ts';

/** What came of a call. */
export interface Answered {
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
  const { clock } = source;
  const nextId = createIdSeries('log', source);
  return ({ principal, request }, { status, durationMs }) => {
    if (principal.kind !== 'api_key' && principal.kind !== 'token') return undefined;
    const ms = Math.round(durationMs);
    return JSON.stringify({
      id: idToUuid(nextId(clock.monotonicMs())),
      workspace_id: idToUuid(principal.workspaceId),
      environment: principal.environment,
      at: new Date(clock.now().getTime() - ms),
      principal_id: principal.id,
      method: request.method,
      route: request.route,
      status,
      duration_ms: ms,
      request_id: request.id,
      ip: request.ip,
      user_agent: request.userAgent === null ? null : cleanText(maskCredentials(request.userAgent)),
    });
  };
}
