import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { userAgentOf } from '../audit/events/event.ts';
import type { Config } from '../config/config.ts';
import { createClientAddresses } from '../lib/client-addresses.ts';
import type { IdSource } from '../lib/ids.ts';
import { createRequestIds } from '../lib/request-ids.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { logRequest } from '../telemetry/request-log.ts';
import { type Answer, BODY_INCOMPLETE } from './answers.ts';
import { INTROSPECTION_PATH, type IntrospectionDeps, introspect, isRoutine } from './introspect.ts';
import { BODY_MAX_BYTES } from './parameters.ts';

export interface ListenerDeps extends IntrospectionDeps, IdSource {
  readonly config: Pick<Config, 'publicUrl' | 'trustedProxies'>;
  readonly metrics: Pick<Metrics, 'requests'>;
}

/** A request under way. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly bodyLength: number;
  readonly startMs: number;
}

/**
 * Answers introspections right where `node:http` hands them out, with the same core function as the application does and
 * with the same bytes, for little more than what any handler costs. It takes those that look as they always do; one that
 * is unusual in any way, from the spelling of its path to a header that came twice, goes on to `next`.
 */
export function answerIntrospections(deps: ListenerDeps, next: RequestListener): RequestListener {
  const { logger, clock } = deps;
  const requestIds = createRequestIds(deps);
  const meter = deps.metrics.requests.of('POST', INTROSPECTION_PATH);
  const clientAddresses = createClientAddresses(deps.config.trustedProxies);

  /** By then, whatever came with the head of the request is here, which nearly always is all of it. */
  function receive(exchange: Exchange): void {
    const { request, bodyLength } = exchange;
    if (request.readableLength === bodyLength) answer(exchange, request.read() ?? NOTHING);
    else collect(request, (body) => answer(exchange, body));
  }

  function answer(exchange: Exchange, body: Buffer | undefined): void {
    const { request, startMs } = exchange;
    const { headers } = request;
    const id = requestIds(asText(headers['x-request-id']), startMs);
    const ip = clientAddresses(request.socket.remoteAddress, asText(headers['x-forwarded-for']));
    const origin = { id, method: 'POST', route: INTROSPECTION_PATH, ip, userAgent: userAgentOf(headers['user-agent']) };
    const { authorization } = headers;
    const apiKeyHeader = asText(headers['x-api-key']);
    const contentType = headers['content-type'];
    const answered =
      body === undefined
        ? BODY_INCOMPLETE
        : introspect(deps, { authorization, apiKeyHeader, environmentHeader: undefined, contentType, body, origin });
    if (answered instanceof Promise) void answered.then((late) => send(exchange, late, id, ip));
    else send(exchange, answered, id, ip);
  }

  function send({ response, startMs }: Exchange, answer: Answer, id: string, ip: string | null) {
    const { status, headers, body, encoding } = answer;
    const { socket } = response;
    response.writeHead(status, [...headers, ['x-request-id', id]]);
    // Out in one piece, at once. `end(body)` lets an empty piece follow, and to send two costs a tenth of a request more.
    socket?.cork();
    response.write(body, encoding);
    socket?.uncork();
    response.end();
    meter.observe(status, clock.monotonicMs() - startMs);
    const request = { id, method: 'POST', route: INTROSPECTION_PATH, status, ip, startMs };
    logRequest(logger, clock, request, isRoutine(INTROSPECTION_PATH, status));
  }

  return (request, response) => {
    const bodyLength = request.url === INTROSPECTION_PATH ? plainBodyLength(request) : undefined;
    if (bodyLength === undefined) return next(request, response);
    process.nextTick(receive, { request, response, bodyLength, startMs: clock.monotonicMs() });
  };
}

const NOTHING = Buffer.alloc(0);

/** The length of the body of a request that has nothing unusual; undefined for any other. */
function plainBodyLength({ method, headers, rawHeaders }: IncomingMessage): number | undefined {
  if (method !== 'POST' || !PLAIN_HOST.test(headers.host ?? '')) return undefined;
  if (headers['tooken-environment'] !== undefined) return undefined;
  // Node drops what comes twice, or joins it.
  if (Object.keys(headers).length * 2 !== rawHeaders.length) return undefined;
  const length = Number(headers['content-length']);
  return length <= BODY_MAX_BYTES ? length : undefined;
}

/** What cannot be wrong in a URL. */
const PLAIN_HOST = /^[a-z0-9._-]+(?::[1-5]?\d{4})?$/;

/** Headers that Node knows nothing of have one value, unless they came twice. */
function asText(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}

/** Waits for the rest of a body. Undefined if it never comes. */
function collect(request: IncomingMessage, done: (body: Buffer | undefined) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.once('end', () => done(Buffer.concat(chunks)));
  request.once('error', () => done(undefined));
}
