import type { Logger } from '../../src/telemetry/logger.ts';

/** For tests that do not look at the log. */
export const silentLogger: Logger = { log: () => {}, isEnabled: () => false };
