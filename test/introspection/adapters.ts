import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { getRequestListener } from '@hono/node-server';
import { afterAll } from 'vitest';
import { createApp } from '../../src/app.ts';
import { introspect } from '../../src/introspection/introspect.ts';
import { introspectBatch } from '../../src/introspection/introspect-batch.ts';
import { answerIntrospections } from '../../src/introspection/listener.ts';
import { BODY_MAX_BYTES } from '../../src/introspection/parameters.ts';
import { revokeByValue } from '../../src/introspection/revoke-by-value.ts';
import type { Services } from '../../src/web/services.ts';

/** A request to an OAuth endpoint, before it is known what carries it there. */
export interface Call {
  readonly path: '/v1/tokens/introspect' | '/v1/tokens/introspect/batch' | '/v1/tokens/revoke';
  readonly method?: string;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly address?: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Send = (call: Call) => Promise<Reply>;
export type Connect = (services: Services) => Send;

/** The endpoints alone, with nothing before them. */
export function sendToCore(services: Services): Send {
  const endpoints = {
    '/v1/tokens/introspect': introspect,
    '/v1/tokens/introspect/batch': introspectBatch,
    '/v1/tokens/revoke': revokeByValue,
  };
  return async ({ path, method = 'POST', headers = {}, body = '', address = '127.0.0.1' }) => {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const { headers: answered, ...reply } = await endpoints[path](services, {
      authorization: headers.authorization,
      apiKeyHeader: headers['x-api-key'],
      environmentHeader: headers['tooken-environment'],
      contentType: headers['content-type'],
      body: bytes.byteLength > BODY_MAX_BYTES ? undefined : bytes,
      origin: { id: 'req', method, route: path, ip: address, userAgent: headers['user-agent'] ?? null },
    });
    return { ...reply, headers: Object.fromEntries(answered) };
  };
}

/** The whole application before them. */
export function sendToApp(services: Services): Send {
  const app = createApp(services);
  return async ({ path, method = 'POST', headers, body, address = '127.0.0.1' }) => {
    const init = { method, ...(headers && { headers }), ...(body !== undefined && { body: Buffer.from(body) }) };
    const response = await app.request(path, init, { incoming: { socket: { remoteAddress: address } } });
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  };
}

/** The service as it listens, over sockets. Where a call comes from is told as by a proxy that it trusts. */
export function sendToListener(services: Services): Send {
  const config = { ...services.config, trustedProxies: ['127.0.0.0/8'] };
  const url = listen({ ...services, config });
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  afterAll(() => agent.destroy());
  return async ({ path, method = 'POST', headers, body = '', address = '127.0.0.1' }) => {
    const length = { 'content-length': Buffer.byteLength(body) };
    const call = request(`${await url}${path}`, {
      method,
      agent,
      headers: { ...length, ...headers, 'x-forwarded-for': address },
    });
    call.end(body);
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    return { status: response.statusCode ?? 0, headers: toRecord(response), body: await text(response) };
  };
}

function toRecord({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

/** The service on a port of its own; its URL. */
export async function listen(services: Services): Promise<string> {
  const application = getRequestListener(createApp(services).fetch);
  const server = createServer(answerIntrospections(services, application)).listen(0, '127.0.0.1');
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
