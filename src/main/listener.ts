import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { createApp } from '../app.ts';
import { type Config, originOf } from '../config/config.ts';
import type { Context } from '../context.ts';
import { boundPipelining } from '../http/pipelining.ts';
import { StartupError } from '../lib/startup-error.ts';

/** The application behind a port. */
export interface Listener {
  /** Where it can be reached from this machine. */
  readonly url: string;
  /**
   * Lets every request that is on its way get its answer: for a moment new connections are still taken, since a client
   * may be in the middle of connecting; then none, and connections are closed as they fall idle.
   *
   * @param hurry ends the wait
   */
  finishRequests(hurry: Promise<unknown>): Promise<void>;
}

/** How long requests in flight may take to finish. */
const SHUTDOWN_GRACE_MS = 10_000;
/** How long after the signal new connections are still taken. */
const LINGER_MS = 250;
const IDLE_CHECK_MS = 50;

/** A client that sends slower than this is cut off with 408, as soon as the next check sees it. */
const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2_000,
};
/** One that takes nothing of its answer for so long is cut off too. */
const STALL_TIMEOUT_MS = 60_000;

/** @throws StartupError if the port or the host cannot be had */
export async function listen(context: Context): Promise<Listener> {
  const { host, port } = context.config;
  const answer = getRequestListener(createApp(context).fetch);
  let isEnding = false;
  const listener = boundPipelining((request, response) => {
    // So that clients come back elsewhere.
    if (isEnding) response.shouldKeepAlive = false;
    return answer(request, response);
  });
  const server = createServer(TIMEOUTS, listener).setTimeout(STALL_TIMEOUT_MS);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explainListenError(error, context.config)));
    server.listen(port, host, resolve);
  });
  return {
    url: originOf(host, (server.address() as AddressInfo).port),
    finishRequests: (hurry) => {
      isEnding = true;
      return drain(server, hurry);
    },
  };
}

async function drain(server: Server, hurry: Promise<unknown>): Promise<void> {
  const deadline = setTimeout(() => server.closeAllConnections(), SHUTDOWN_GRACE_MS);
  void hurry.then(() => server.closeAllConnections());
  await Promise.race([sleep(LINGER_MS), hurry]);
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  await new Promise((resolve) => server.close(resolve));
  clearInterval(idle);
  clearTimeout(deadline);
}

function explainListenError(error: Error, { host, port }: Config): Error {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return new StartupError(`PORT: ${port} on ${host} is taken. Stop what listens there, or set another PORT.`);
  if (code === 'EACCES')
    return new StartupError(`PORT: ${port} needs more privileges than this user has. Set a PORT above 1023.`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new StartupError(`HOST: ${host} is not an address of this machine.`);
  return error;
}
