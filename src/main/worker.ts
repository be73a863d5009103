/**
 * One of several processes of a service: an ordinary replica that gets its connections, and the word to stop, from its
 * supervisor. Started by that alone.
 */
import { readConfig } from '../config/config.ts';
import { processEnvironment } from '../config/environment.ts';
import { readSecrets } from '../config/secrets.ts';
import { type Context, createContext } from '../context.ts';
import { openDatabase } from '../db/open.ts';
import { StartupError } from '../lib/startup-error.ts';
import { createLogger } from '../telemetry/logger.ts';
import { dispose } from './disposal.ts';
import { ignoreLostOutput, runToExit } from './exit.ts';
import { createListener, takeOver } from './listener.ts';
import { type Orders, receiveOrders, report } from './orders.ts';
import { ignoreSignals } from './signals.ts';
import { reportMetrics } from './worker-metrics.ts';

const COUNT_INTERVAL_MS = 1_000;

async function work(): Promise<void> {
  // A terminal and some process managers send them to every process of a service; here the supervisor has the say.
  ignoreSignals();
  ignoreLostOutput();
  const orders = receiveOrders();
  const worker = Number(process.argv[2]);
  const context = await Promise.race([start(worker), abandonment(orders)]);
  try {
    await answer(context, worker, orders);
  } finally {
    await dispose(context);
  }
}

async function start(worker: number): Promise<Context> {
  const env = processEnvironment();
  const [config, secrets] = [readConfig(env), readSecrets(env)];
  const logger = createLogger({ level: config.logLevel, isPretty: !config.isProduction, worker });
  const { dataDir, databaseConnections: maxConnections } = config;
  const database = await openDatabase({ ...secrets, dataDir, maxConnections, isJoining: true });
  return createContext(config, secrets, { logger, database });
}

async function answer(context: Context, worker: number, orders: Orders): Promise<void> {
  const listener = createListener(context);
  const { server, drain } = listener;
  const take = takeOver(listener);
  orders.onConnection((connection) => {
    // First, so that it stands even if this process dies of what it reads.
    void report({ kind: 'taken', connections: drain.connections() + 1 });
    if (connection !== undefined) take(connection);
  });
  reportLosses(() => drain.connections());
  const reportLastMetrics = reportMetrics(context, worker, orders);
  await report({ kind: 'ready' });

  drain.begin(await orders.windDown);
  void drain.empty().then(() => report({ kind: 'empty' }));
  await orders.finish;
  await drain.finish(server, orders.hurry);
  await reportLastMetrics();
}

/** So that the supervisor does not take a worker for busy whose clients have gone. */
function reportLosses(count: () => number): void {
  let before = 0;
  setInterval(() => {
    const connections = count();
    if (connections < before) void report({ kind: 'connections', connections });
    before = connections;
  }, COUNT_INTERVAL_MS).unref();
}

/** Whoever has no request in hand yet can be left. */
async function abandonment({ hurry, orphaned }: Orders): Promise<never> {
  await Promise.race([hurry, orphaned]);
  throw new StartupError('The service was stopped before this worker could answer.');
}

/** The supervisor says why, once for all of its workers. */
async function explainToSupervisor(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    await report({ kind: 'failed', message: error.message });
    process.exit(1);
  }
}

await runToExit(explainToSupervisor(work()));
