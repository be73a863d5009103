import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { beginLull, type Lull } from './lull.ts';

/** How a server comes to its end without losing a request. */
export interface Drain {
  /** Has to see every request: it is between the server and `listener`. */
  guard(listener: RequestListener): RequestListener;
  /** Has to know every connection. */
  watch(server: Server): void;
  /** How many connections are open. */
  connections(): number;
  /**
   * The answer to every request from now on ends its connection, so that clients come back elsewhere. `/readyz` says so
   * too, unless others remain that are ready behind the same address.
   */
  begin(options: { readonly isReady: boolean }): void;
  /** Resolves as soon as no connection is open. */
  empty(): Promise<void>;
  /**
   * Keeps the port open until nobody has asked for a moment, since a balancer needs some time to send its clients
   * elsewhere. Then closes it, and connections as they fall idle.
   *
   * @param hurry ends the wait, and all connections
   */
  finish(server: Server, hurry: Promise<unknown>): Promise<void>;
}

/** The moment without requests, and how long it is waited for. */
export const LINGER = { quietMs: 500, atMostMs: 3_000 };
/** How long requests in flight may take to finish then. */
export const GRACE_MS = 10_000;
const IDLE_CHECK_MS = 50;

/** @param onBegin told once, when the end begins */
export function createDrain(onBegin: () => void): Drain {
  const open = new Set<Socket>();
  let ending: { readonly isReady: boolean; readonly lull: Lull } | undefined;

  const cutOff = () => {
    for (const connection of open) connection.destroy();
  };
  return {
    guard: (listener) => (request, response) => {
      if (ending === undefined) return listener(request, response);
      response.shouldKeepAlive = false;
      if (!ending.isReady && request.url === '/readyz') return sayStopping(request, response);
      if (request.url !== '/readyz' && request.url !== '/healthz') ending.lull.touch();
      return listener(request, response);
    },
    watch(server) {
      server.on('connection', (connection: Socket) => {
        open.add(connection);
        connection.once('close', () => open.delete(connection));
      });
    },
    connections: () => open.size,
    begin({ isReady }) {
      if (ending !== undefined) return;
      ending = { isReady, lull: beginLull(LINGER) };
      onBegin();
    },
    async empty() {
      while (open.size > 0) await sleep(IDLE_CHECK_MS);
    },
    async finish(server, hurry) {
      await ending?.lull.wait(hurry);
      server.close();
      const deadline = setTimeout(cutOff, GRACE_MS);
      void hurry.then(cutOff);
      while (open.size > 0) {
        server.closeIdleConnections();
        await sleep(IDLE_CHECK_MS);
      }
      clearTimeout(deadline);
    },
  };
}

function sayStopping(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  response.writeHead(503, { 'Content-Type': 'application/json', 'Retry-After': '1' });
  response.end('{"status":"unavailable","reason":"stopping"}');
}
