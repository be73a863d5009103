import type { Context, TypedResponse } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { JSONParsed } from 'hono/utils/types';
import { claimRequest, type FirstAnswer, findFirstAnswer, keepAnswer, type Once } from '../credentials/idempotency.ts';
import { ServiceError } from '../lib/errors.ts';
import { principalIdOf } from '../tokens/token.ts';
import type { ApiEnv } from './api.ts';
import type { Services } from './services.ts';

/** How a route makes its answer, the first time and again. */
export interface OnceRoute<Result, Body extends object, Status extends ContentfulStatusCode> {
  readonly status: Status;
  perform(once: Once<Result> | undefined): Promise<Result>;
  present(result: Result): Presented<Body>;
  /** UUID of the API key or token whose secret is in the answer, if one is. */
  subjectOf(result: Result): string | null;
  /** Throws unless the caller may still have the answer about this subject. */
  authoriseReplay(subjectId: string | null): Promise<void>;
}

export interface Presented<Body extends object> {
  readonly body: Body;
  readonly etag: string;
}

/** What `c.json` returns. */
type JsonResponse<Body, Status extends ContentfulStatusCode> = Response &
  TypedResponse<JSONParsed<Body>, Status, 'json'>;

const KEY_PATTERN = /^[\x21-\x7e]{16,255}$/;

/** Answers a mutation, at most once per Idempotency-Key if the request has one. */
export async function answerOnce<Result, Body extends object, Status extends ContentfulStatusCode>(
  c: Context<ApiEnv>,
  services: Services,
  route: OnceRoute<Result, Body, Status>,
): Promise<JsonResponse<Body, Status>> {
  const key = c.req.header('idempotency-key');
  if (key === undefined) return answer(c, route.present(await route.perform(undefined)), route.status);
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
    await route.authoriseReplay(first.subjectId);
    c.header('Idempotency-Replayed', 'true');
    return answer(c, decode<Body>(first), route.status);
  }
  const result = await route.perform({
    claim: (tx) => claimRequest(tx, services, request),
    remember: (tx, made) => {
      const content = Buffer.from(JSON.stringify(route.present(made)), 'utf8');
      return keepAnswer(tx, services, request, { status: route.status, content, subjectId: route.subjectOf(made) });
    },
  });
  return answer(c, route.present(result), route.status);
}

function answer<Body extends object, Status extends ContentfulStatusCode>(
  c: Context<ApiEnv>,
  { body, etag }: Presented<Body>,
  status: Status,
): JsonResponse<Body, Status> {
  c.header('ETag', etag);
  return c.json(body, status);
}

function decode<Body extends object>({ content }: FirstAnswer): Presented<Body> {
  return JSON.parse(content.toString('utf8')) as Presented<Body>;
}

const BAD_KEY_MESSAGE = 'An Idempotency-Key has 16 to 255 visible ASCII characters. A random UUID will do.';
