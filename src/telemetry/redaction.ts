/**
 * Fields that no log line shows, wherever they occur up to three levels deep. A test derives the fields of every
 * request and response schema that carry a secret and fails if one is missing here.
 */
export const REDACTED_FIELDS = [
  'authorization',
  'cookie',
  'credential',
  'idempotency-key',
  'master_key',
  'password',
  'secret',
  'token',
  'x-api-key',
];
