import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Environment, readConfig, unknownVariables } from './config/config.ts';
import { processEnvironment } from './config/environment.ts';
import { readSecrets } from './config/secrets.ts';
import { type Context, createContext } from './context.ts';
import { StartupError } from './lib/startup-error.ts';
import { runToExit } from './main/ending.ts';
import { listen } from './main/listener.ts';
import { type Signals, watchSignals } from './main/signals.ts';
import { bootstrap } from './operator/bootstrap.ts';
import { welcomeText } from './operator/welcome.ts';

export { runToExit };

/** What is still in memory then is given up: a database that went silent must not keep the process for ever. */
const DISPOSAL_DEADLINE_MS = 15_000;

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
  const { logger, config } = context;
  const listener = await listen(context);
  await printFirstCredentials(context, listener.url);
  for (const variable of strangers) logger.log('warn', 'service.variable_unknown', { variable });
  logger.log('info', 'service.ready', { url: listener.url, public_url: config.publicUrl });
  logger.log('info', 'service.stopping', { signal: await signals.first });
  await listener.finishRequests(signals.second);
}

async function dispose(context: Context): Promise<void> {
  const deadline = setTimeout(() => {
    context.logger.log('error', 'service.stop_overdue');
    process.exit(1);
  }, DISPOSAL_DEADLINE_MS);
  await context[Symbol.asyncDispose]();
  clearTimeout(deadline);
}

async function printFirstCredentials(context: Context, url: string): Promise<void> {
  if (context.config.bootstrap === 'off') return;
  const first = await bootstrap(context);
  if (first !== undefined) process.stdout.write(welcomeText(first, url));
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

const isStartedDirectly =
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (isStartedDirectly) await runToExit(serve(processEnvironment()));
