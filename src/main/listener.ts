import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { createApp } from '../app.ts';
import { type Config, originOf } from '../config/config.ts';
import type { Context } from '../context.ts';
import { boundPipelining } from '../http/pipelining.ts';
import { answerIntrospections } from '../introspection/listener.ts';
import { createDrain, type Drain } from './drain.ts';
import { explainPortError } from './port-error.ts';

/** The application as a server, which has no connections yet. */
export interface Listener {
  readonly server: Server;
  readonly drain: Drain;
}

/** A client that sends slower than this is cut off with 408, as soon as the next check sees it. */
const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2_000,
};
/** One that takes nothing of its answer for so long is cut off too. */
const STALL_TIMEOUT_MS = 60_000;

export function createListener(context: Context): Listener {
  const drain = createDrain(() => context.beginToStop());
  const answer = answerIntrospections(context, getRequestListener(createApp(context).fetch));
  const server = createServer(TIMEOUTS, boundPipelining(drain.guard(answer))).setTimeout(STALL_TIMEOUT_MS);
  drain.watch(server);
  return { server, drain };
}

/**
 * Opens the port, and resolves with the URL by which this machine reaches it.
 *
 * @throws StartupError if port or host cannot be had
 */
export function listen({ server }: Listener, { host, port }: Config): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(explainPortError(error, { host, port })));
    server.listen(port, host, () => resolve(originOf(host, (server.address() as AddressInfo).port)));
  });
}

/** Serves connections that another process has accepted, instead of a port of its own. */
export function takeOver({ server }: Listener): (connection: Socket) => void {
  // From this event on Node looks for clients that send too slowly.
  server.emit('listening');
  return (connection) => {
    // As with connections of a port of its own: who has closed the sending half still gets the answer.
    connection.allowHalfOpen = true;
    server.emit('connection', connection);
  };
}
