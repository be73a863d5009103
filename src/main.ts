import { realpathSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { getRequestListener } from '@hono/node-server';
import { createApp } from './app.ts';
import { type Config, type Environment, originOf, readConfig, unknownVariables } from './config/config.ts';
import { processEnvironment } from './config/environment.ts';
import { readSecrets } from './config/secrets.ts';
import { type Context, createContext } from './context.ts';
import { boundPipelining } from './http/pipelining.ts';
import { StartupError } from './lib/startup-error.ts';
import { bootstrap } from './operator/bootstrap.ts';
import { welcomeText } from './operator/welcome.ts';

/** How long requests in flight may take to finish once a signal has come; a second signal ends the wait. */
const SHUTDOWN_GRACE_MS = 10_000;
/** A signal that follows so soon is the same one: a terminal sends Ctrl-C to us and to npm, which passes it on to us. */
const ECHO_MS = 500;
/** How long after the signal new connections are still taken. */
const LINGER_MS = 250;
const IDLE_CHECK_MS = 50;
/** What is still in memory then is given up: a database that went silent must not keep the process for ever. */
const DISPOSAL_DEADLINE_MS = 15_000;

/** A client that sends slower than this is cut off with 408, as soon as the next check sees it. */
const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2_000,
};
/** One that takes nothing of its answer for so long is cut off too. */
const STALL_TIMEOUT_MS = 60_000;

/** Runs the service until a signal ends it. The only place that listens, exits and reads signals. */
export async function serve(env: Environment): Promise<void> {
  // Listened for from the start: a signal while starting must still stop the database that the start has launched.
  const signals = watchSignals();
  ignoreLostOutput();
  const config = readConfig(env);
  const starting = createContext(config, readSecrets(env), { onProgress: printProgress });
  const context = await Promise.race([starting, failOn(signals.second)]);
  try {
    // Who stops a first start gets the key from the next one.
    if (!signals.hasCome()) await answerUntil(signals, context, unknownVariables(env));
  } finally {
    await dispose(context);
  }
  context.logger.log('info', 'service.stopped');
}

async function answerUntil(signals: Signals, context: Context, strangers: readonly string[]): Promise<void> {
  const listener = await listen(context);
  await printFirstCredentials(context, urlOf(listener.server, context.config));
  announce(context, listener.server, strangers);
  context.logger.log('info', 'service.stopping', { signal: await signals.first });
  await finishRequests(listener, signals.second);
}

async function dispose(context: Context): Promise<void> {
  const deadline = setTimeout(() => {
    context.logger.log('error', 'service.stop_overdue');
    process.exit(1);
  }, DISPOSAL_DEADLINE_MS);
  await context[Symbol.asyncDispose]();
  clearTimeout(deadline);
}

interface Listener {
  readonly server: Server;
  /** From now on every answer ends its connection, so that clients come back elsewhere. */
  endConnections(): void;
}

function listen(context: Context): Promise<Listener> {
  const { host, port } = context.config;
  const answer = getRequestListener(createApp(context).fetch);
  let isEnding = false;
  const listener = boundPipelining((request, response) => {
    if (isEnding) response.shouldKeepAlive = false;
    return answer(request, response);
  });
  const server = createServer(TIMEOUTS, listener).setTimeout(STALL_TIMEOUT_MS);
  const endConnections = () => {
    isEnding = true;
  };
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(explainListenError(error, context.config)));
    server.listen(port, host, () => resolve({ server, endConnections }));
  });
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

function announce({ logger, config }: Context, server: Server, strangers: readonly string[]): void {
  for (const variable of strangers) logger.log('warn', 'service.variable_unknown', { variable });
  logger.log('info', 'service.ready', { url: urlOf(server, config), public_url: config.publicUrl });
}

async function printFirstCredentials(context: Context, url: string): Promise<void> {
  if (context.config.bootstrap === 'off') return;
  const first = await bootstrap(context);
  if (first !== undefined) process.stdout.write(welcomeText(first, url));
}

function urlOf(server: Server, { host }: Config): string {
  return originOf(host, (server.address() as AddressInfo).port);
}

/**
 * Lets every request that is on its way get its answer: for a moment new connections are still taken, since a client may
 * be in the middle of connecting; then none, and connections are closed as they fall idle.
 */
async function finishRequests({ server, endConnections }: Listener, secondSignal: Promise<unknown>): Promise<void> {
  endConnections();
  const deadline = setTimeout(() => server.closeAllConnections(), SHUTDOWN_GRACE_MS);
  void secondSignal.then(() => server.closeAllConnections());
  await Promise.race([setTimeoutPromise(LINGER_MS), secondSignal]);
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  await new Promise((resolve) => server.close(resolve));
  clearInterval(idle);
  clearTimeout(deadline);
}

interface Signals {
  readonly first: Promise<NodeJS.Signals>;
  readonly second: Promise<NodeJS.Signals>;
  hasCome(): boolean;
}

/** SIGHUP is a terminal that was closed. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function watchSignals(): Signals {
  const awaited: ((signal: NodeJS.Signals) => void)[] = [];
  const next = () => new Promise<NodeJS.Signals>((resolve) => awaited.push(resolve));
  const signals = { first: next(), second: next(), hasCome: () => awaited.length < 2 };
  let isEcho = false;
  const receive = (signal: NodeJS.Signals) => {
    if (isEcho) return;
    isEcho = true;
    setTimeout(() => {
      isEcho = false;
    }, ECHO_MS).unref();
    awaited.shift()?.(signal);
  };
  for (const name of STOP_SIGNALS) process.on(name, receive);
  return signals;
}

/** A start that hangs can be left; what it launched is stopped by the next one. */
async function failOn(signal: Promise<NodeJS.Signals>): Promise<never> {
  throw new StartupError(`Interrupted by ${await signal} before the start was complete.`);
}

/** Nobody reads any more, as after a closed terminal: that is no reason to end before what is under way is finished. */
function ignoreLostOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

function printProgress(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Ends the process after a failed start: one line if the operator can mend it, the full story if it is our fault. */
export async function runToExit(work: Promise<void>): Promise<never> {
  try {
    await work;
    process.exit(0);
  } catch (error) {
    process.stderr.write(error instanceof StartupError ? `tooken: ${error.message}\n` : `${describeCrash(error)}\n`);
    process.exit(1);
  }
}

/** Without the message: a failed query's quotes its parameters. */
function describeCrash(error: unknown): string {
  if (!(error instanceof Error)) return 'tooken: failed unexpectedly';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const cause = error.cause instanceof Error ? `\n  caused by ${describeCrash(error.cause)}` : '';
  return [`tooken: failed unexpectedly: ${error.constructor.name}`, ...frames].join('\n') + cause;
}

const isStartedDirectly =
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (isStartedDirectly) await runToExit(serve(processEnvironment()));
