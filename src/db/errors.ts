/**
 * What a failed query means. drizzle wraps the driver's error, and its message carries SQL and parameters; so look at
 * codes only, and never log the message.
 */

/** The SQLSTATE, or the driver's or the socket's own code, of a failed query. */
export function databaseErrorCode(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ('code' in current && typeof current.code === 'string') return current.code;
  }
  return undefined;
}

/**
 * Whether the database could not be asked, or may not have answered: the caller gets a 503, since nobody knows the
 * outcome. Classes 08 connection, 53 resources, 57 operator intervention, 58 system; 25006 is a standby.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  const code = databaseErrorCode(error);
  if (code === undefined) return false;
  return /^(08|53|57|58)...$/.test(code) || code === '25006' || code === '25P03' || DRIVER_CODES.has(code);
}

/** Whether the very connection that carried the query is gone: cut, or ended by the server with its last words. */
export function isConnectionLost(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ('severity' in current && (current.severity === 'FATAL' || current.severity === 'PANIC')) return true;
  }
  return LOST_CODES.has(databaseErrorCode(error) ?? '');
}

/** Whether a unique index refused a row; `constraint` narrows it to one. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (!('code' in current) || current.code !== '23505') continue;
    return constraint === undefined || ('constraint_name' in current && current.constraint_name === constraint);
  }
  return false;
}

const LOST_CODES = new Set(['CONNECTION_CLOSED', 'CONNECTION_DESTROYED', 'CONNECTION_ENDED', 'ECONNRESET', 'EPIPE']);

const DRIVER_CODES = new Set([
  ...LOST_CODES,
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
]);
