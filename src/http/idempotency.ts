import type { Context, TypedResponse } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { JSONParsed } from 'hono/utils/types';
import { claimRequest, type FirstAnswer, findFirstAnswer, keepAnswer, type Once } from '../credentials/idempotency.ts';
import { principalIdOf } from '../identity/principal.ts';
import { ServiceError } from '../lib/errors.ts';
import type { Services } from '../web/services.ts';
import type { ApiEnv } from './api.ts';

/**
 * How a route makes its answer, the first time and again. `Fresh` is what the answer says of this very call, beside what
 * is kept of the first.
 */
export interface OnceRoute<Result, Body extends object, Fresh extends object, Status extends ContentfulStatusCode> {
  readonly status: Status;
  perform(once: Once<Result> | undefined): Promise<{ readonly made: Result; readonly fresh: Fresh }>;
  present(result: Result): Presented<Body>;
  /** UUID of the API key or token whose secret is in the answer, if one is. */
  subjectOf(result: Result): string | null;
  /** Throws unless the caller may still have the answer about this subject. */
  repeat(subjectId: string | null): Promise<Fresh>;
}

export interface Presented<Body extends object> {
  readonly body: Body;
  /** Absent for what has no revisions. */
  readonly etag?: string;
}

/** What `c.json` returns. */
export type JsonResponse<Body, Status extends ContentfulStatusCode> = Response &
  TypedResponse<JSONParsed<Body>, Status, 'json'>;

const KEY_PATTERN = /^[\x21-\x7e]{16,255}$/;

/** Answers a mutation, at most once per Idempotency-Key if the request has one. */
export async function answerOnce<
  Result,
  Body extends object,
  Fresh extends object,
  Status extends ContentfulStatusCode,
>(
  c: Context<ApiEnv>,
  services: Services,
  route: OnceRoute<Result, Body, Fresh, Status>,
): Promise<JsonResponse<Body & Fresh, Status>> {
  const answer = ({ body, etag }: Presented<Body>, fresh: Fresh) => {
    if (etag !== undefined) c.header('ETag', etag);
    return c.json({ ...body, ...fresh }, route.status);
  };
  const key = c.req.header('idempotency-key');
  if (key === undefined) {
    const { made, fresh } = await route.perform(undefined);
    return answer(route.present(made), fresh);
  }
  if (!KEY_PATTERN.test(key)) throw new ServiceError('invalid_request', { message: BAD_KEY_MESSAGE });

  const { principal } = c.get('caller');
  const request = services.answers.identify(key, {
    principalId: principalIdOf(principal),
    environment: principal.environment,
    method: c.req.method,
    path: c.req.path,
    body: await c.req.text(),
  });
  const first = await findFirstAnswer(services, request);
  if (first !== undefined) {
    const fresh = await route.repeat(first.subjectId);
    c.header('Idempotency-Replayed', 'true');
    return answer(decode<Body>(first), fresh);
  }
  const { made, fresh } = await route.perform({
    claim: (tx) => claimRequest(tx, services, request),
    remember: (tx, result) => {
      const content = Buffer.from(JSON.stringify(route.present(result)), 'utf8');
      return keepAnswer(tx, services, request, { status: route.status, content, subjectId: route.subjectOf(result) });
    },
  });
  return answer(route.present(made), fresh);
}

function decode<Body extends object>({ content }: FirstAnswer): Presented<Body> {
  return JSON.parse(content.toString('utf8')) as Presented<Body>;
}

const BAD_KEY_MESSAGE = 'An Idempotency-Key has 16 to 255 visible ASCII characters. A random UUID will do.';
