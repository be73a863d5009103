import type { Environment } from './config.ts';

/** The variables this process was started with. Nothing else reads them. */
export function processEnvironment(): Environment {
  return process.env;
}
