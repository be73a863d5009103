/**
 * Fields that no log line shows, wherever they occur up to three levels deep. A test derives the fields of every
 * request and response schema that carry a secret and fails if one is missing here.
 */
export const REDACTED_FIELDS = [
  'authorization',
  'cookie',
  'credential',
  'current_password',
  'idempotency-key',
  'master_key',
  'new_password',
  'password',
  'qr_svg',
  'recovery_codes',
  'secret',
  'token',
  'uri',
  'url',
  'x-api-key',
];
