/**
 * Every way a call can fail, once: code, HTTP status, and the sentence a caller gets when nothing more precise is known.
 * The public text never carries internal detail; that goes into `cause`, which only the log sees.
 */
export const ERROR_CATALOGUE = {
  invalid_request: { status: 400, message: 'The request is malformed. Check it against the API reference.' },
  unauthorized: { status: 401, message: 'Invalid or missing API key' },
  invalid_credentials: { status: 401, message: 'That is not right. Check the email address, password or code.' },
  insufficient_user_authentication: {
    status: 401,
    message:
      'Confirm that it is you: POST /v1/auth/step-up with your password or a code, then retry with its access token.',
  },
  insufficient_scope: { status: 403, message: 'The token lacks the scope that this call needs.' },
  forbidden: { status: 403, message: 'The caller may not do this.' },
  not_found: { status: 404, message: 'There is nothing here. Check the path and the id.' },
  method_not_allowed: { status: 405, message: 'This path does not support the method. See the Allow header.' },
  conflict: { status: 409, message: 'The request conflicts with the present state. Read it again, then retry.' },
  precondition_failed: { status: 412, message: 'The object has changed since you read it. Read it again, then retry.' },
  payload_too_large: { status: 413, message: 'The request body is larger than 64 KiB. Send less.' },
  unsupported_media_type: { status: 415, message: 'Send the body as application/json.' },
  validation_failed: { status: 422, message: 'The request has invalid fields. See details.' },
  account_locked: {
    status: 423,
    message: 'Too many failures in a row. Wait as long as Retry-After says, then retry.',
  },
  idempotency_mismatch: {
    status: 422,
    message: 'This Idempotency-Key was used for a different request. Use a new key.',
  },
  unknown_scope: { status: 422, message: 'A scope is not in the catalogue of this workspace. See details.' },
  rate_limited: { status: 429, message: 'Too many requests. Wait as long as Retry-After says, then retry.' },
  internal_error: { status: 500, message: 'Something went wrong here. The request id identifies it in the log.' },
  unavailable: {
    status: 503,
    message: 'The service cannot reach its database. Retry; with the same Idempotency-Key nothing happens twice.',
  },
} as const satisfies Record<string, { status: number; message: string }>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** One thing that is wrong with one field. `path` is as in JavaScript: `scopes[2]`, `metadata.owner`. */
export interface ErrorDetail {
  readonly path: string;
  readonly message: string;
}

interface ServiceErrorOptions {
  readonly message?: string;
  readonly details?: readonly ErrorDetail[];
  /** The scope whose lack caused `insufficient_scope`; ends up in `WWW-Authenticate`. */
  readonly scope?: string;
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** A failure that the caller is told about. `message` is public. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ErrorCode;
  readonly details: readonly ErrorDetail[] | undefined;
  readonly scope: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, options: ServiceErrorOptions = {}) {
    super(options.message ?? ERROR_CATALOGUE[code].message, { cause: options.cause });
    this.code = code;
    this.details = options.details;
    this.scope = options.scope;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): (typeof ERROR_CATALOGUE)[ErrorCode]['status'] {
    return ERROR_CATALOGUE[this.code].status;
  }
}
