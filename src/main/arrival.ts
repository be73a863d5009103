import { unknownVariables } from '../config/config.ts';
import type { ApiKeyDeps } from '../keys/create.ts';
import { bootstrap } from '../operator/bootstrap.ts';
import { welcomeText } from '../operator/welcome.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Life } from './life.ts';

/** Tells the operator that the service answers at `url`; on a new database, with the first API key. */
export async function announce(
  deps: Omit<ApiKeyDeps, 'fence'> & { readonly logger: Logger },
  { env, config }: Life,
  url: string,
): Promise<void> {
  if (config.bootstrap === 'print') {
    const first = await bootstrap({ ...deps, config });
    if (first !== undefined) process.stdout.write(welcomeText(first, url));
  }
  for (const variable of unknownVariables(env)) deps.logger.log('warn', 'service.variable_unknown', { variable });
  deps.logger.log('info', 'service.ready', { address: url, public_url: config.publicUrl, pid: process.pid });
}
