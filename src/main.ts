import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Environment, readConfig } from './config/config.ts';
import { processEnvironment } from './config/environment.ts';
import { serveAlone } from './main/alone.ts';
import { ignoreLostOutput, runToExit } from './main/exit.ts';
import { watchSignals } from './main/signals.ts';
import { supervise } from './main/supervisor.ts';

export { runToExit };

/** Runs the service until a signal ends it: in this process, or in several that this one looks after. */
export async function serve(env: Environment): Promise<void> {
  // Listened for from the start: a signal while starting must still stop the database that the start has launched.
  const signals = watchSignals();
  ignoreLostOutput();
  const config = readConfig(env);
  const life = { env, config, signals };
  await (config.workers === 1 ? serveAlone(life) : supervise(life));
}

const isStartedDirectly =
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (isStartedDirectly) await runToExit(serve(processEnvironment()));
