import type { Config } from '../config/config.ts';
import { StartupError } from '../lib/startup-error.ts';

/** Why the port could not be opened, in one line if the operator can mend it. `prefix` is that of the variables' names. */
export function explainPortError(
  error: Error,
  { host, port }: Pick<Config, 'host' | 'port'>,
  prefix: '' | 'METRICS_' = '',
): Error {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return new StartupError(
      `${prefix}PORT: ${port} on ${host} is taken. Stop what listens there, or set another ${prefix}PORT.`,
    );
  if (code === 'EACCES')
    return new StartupError(
      `${prefix}PORT: ${port} needs more privileges than this user has. Set a ${prefix}PORT above 1023.`,
    );
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new StartupError(`${prefix}HOST: ${host} is not an address of this machine.`);
  return error;
}
