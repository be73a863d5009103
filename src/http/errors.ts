import type { Context } from 'hono';
import type { ServiceError } from '../lib/errors.ts';
import { STEP_UP_SECONDS } from '../rights/operation.ts';
import type { ApiEnv } from './api.ts';

/** K6: whatever is wrong with a credential, the body is this and nothing else. */
const UNAUTHORIZED_BODY = { error: 'unauthorized', message: 'Invalid or missing API key' } as const;

/** Retrying sooner than this after a 503 rarely helps. */
const UNAVAILABLE_RETRY_SECONDS = 1;

export function renderError(c: Context<ApiEnv>, error: ServiceError): Response {
  if (error.code === 'unauthorized') return c.json(UNAUTHORIZED_BODY, 401);
  if (error.scope !== undefined) {
    c.header('WWW-Authenticate', `Bearer realm="tooken", error="insufficient_scope", scope="${error.scope}"`);
  }
  if (error.code === 'insufficient_user_authentication') {
    // RFC 9470 §3
    c.header(
      'WWW-Authenticate',
      `Bearer realm="tooken", error="insufficient_user_authentication", max_age="${STEP_UP_SECONDS}"`,
    );
  }
  const retryAfter = error.retryAfterSeconds ?? (error.code === 'unavailable' ? UNAVAILABLE_RETRY_SECONDS : undefined);
  if (retryAfter !== undefined) c.header('Retry-After', String(retryAfter));
  const { code, message, details } = error;
  const body = { error: code, message, ...(details !== undefined && { details }) };
  // The one failure whose body says it too: people read it.
  if (code === 'account_locked') return c.json({ ...body, retry_after_seconds: retryAfter ?? 0 }, error.status);
  return c.json(body, error.status);
}
