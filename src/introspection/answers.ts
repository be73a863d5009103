/** What an endpoint answers, complete: for any HTTP server to send, with nothing but the id of the request added. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: string;
  /** How the body becomes bytes. ASCII is the same in both, and quicker sent as what needs no look at every letter. */
  readonly encoding: 'latin1' | 'utf8';
}

/** The name in small letters. A list of them is what `node:http` sends quickest. */
export type Header = [name: string, value: string];

function answer(status: number, headers: readonly Header[], body: string): Answer {
  const length = Buffer.byteLength(body);
  return { status, headers: withLength(headers, length), body, encoding: encodingOf(body, length) };
}

function encodingOf(body: string, length: number): Answer['encoding'] {
  return length === body.length ? 'latin1' : 'utf8';
}

function withLength(headers: readonly Header[], length: number): readonly Header[] {
  return [...headers, ['content-length', String(length)]];
}

const COMMON_HEADERS: readonly Header[] = [
  ['cache-control', 'no-store'],
  ['x-content-type-options', 'nosniff'],
];
const JSON_HEADERS: readonly Header[] = [['content-type', 'application/json'], ...COMMON_HEADERS];

/** Answers of one length share their headers: memory holds very many answers. */
const MAX_SHARED_LENGTH = 8_192;
const sharedHeaders: (readonly Header[])[] = [];

export function jsonAnswer(body: string): Answer {
  const length = Buffer.byteLength(body);
  if (length > MAX_SHARED_LENGTH) return answer(200, JSON_HEADERS, body);
  sharedHeaders[length] ??= withLength(JSON_HEADERS, length);
  return { status: 200, headers: sharedHeaders[length], body, encoding: encodingOf(body, length) };
}

/** One answer for every reason: not even its headers tell two of them apart. */
export const INACTIVE: Answer = jsonAnswer('{"active":false}');

/** RFC 7009 §2.2: the same for revoked, already revoked and unknown. */
export const REVOKED: Answer = answer(200, COMMON_HEADERS, '');

/** The one body of every 401 of the service. */
const UNAUTHORIZED_BODY = '{"error":"unauthorized","message":"Invalid or missing API key"}';

/**
 * RFC 6750 §3: without a credential no error code. RFC 6749 §5.2: who tried Basic is challenged for Basic, and for that
 * alone, since many clients misread two challenges in one header.
 */
export const UNAUTHENTICATED = {
  missing: unauthenticated('Bearer realm="tooken"'),
  bearer: unauthenticated('Bearer realm="tooken", error="invalid_token"'),
  basic: unauthenticated('Basic realm="tooken", charset="UTF-8"'),
};

function unauthenticated(challenge: string): Answer {
  return answer(401, [...JSON_HEADERS, ['www-authenticate', challenge]], UNAUTHORIZED_BODY);
}

/** RFC 6750 §3.1 */
export function insufficientScope(scope: string): Answer {
  const challenge = `Bearer realm="tooken", error="insufficient_scope", scope="${scope}"`;
  return oauthError(403, 'insufficient_scope', `This call needs a token with the scope ${scope}, or an API key.`, [
    ['www-authenticate', challenge],
  ]);
}

/** An error in the manner of RFC 6749 §5.2. `description` has no quotes and no backslashes. */
function oauthError(
  status: number,
  error: OAuthErrorCode,
  description: string,
  headers: readonly Header[] = [],
): Answer {
  return answer(status, [...JSON_HEADERS, ...headers], `{"error":"${error}","error_description":"${description}"}`);
}

type OAuthErrorCode =
  | 'invalid_request'
  | 'insufficient_scope'
  | 'forbidden'
  | 'rate_limited'
  | 'server_error'
  | 'temporarily_unavailable';

/** The caller may not do it, whatever its scopes. */
export function forbidden(description: string): Answer {
  return oauthError(403, 'forbidden', description);
}

/** `status` says more precisely what is wrong, where HTTP can. */
export function invalidRequest(description: string, status: 400 | 413 | 415 = 400): Answer {
  return oauthError(status, 'invalid_request', description);
}

export const TOKEN_MISSING = invalidRequest('The parameter token is missing.');

export const BODY_INCOMPLETE = invalidRequest('The body ended early.');

export const METHOD_NOT_ALLOWED = oauthError(405, 'invalid_request', 'Send a POST request.', [['allow', 'POST']]);

export const AMBIGUOUS_CREDENTIALS = invalidRequest('Send one credential: either Authorization or X-API-Key.');

export const OTHER_ENVIRONMENT = invalidRequest(
  'Tooken-Environment is live or test, and that of the credential. Leave it out with an API key or a token.',
);

/** Three answers, never two: this one means that nobody knows, so that an outage never looks like a verdict. */
export const UNAVAILABLE = oauthError(
  503,
  'temporarily_unavailable',
  'The service cannot reach its database and does not guess. Retry.',
  [['retry-after', '1']],
);

export const SERVER_ERROR = oauthError(
  500,
  'server_error',
  'Something went wrong here. The request id identifies it in the log.',
);

export function rateLimited({ headers, retryAfterSeconds }: Standing): Answer {
  return oauthError(429, 'rate_limited', 'Too many requests. Wait as long as Retry-After says, then retry.', [
    ...Object.entries(headers).map(([name, value]): Header => [name.toLowerCase(), value]),
    ['retry-after', String(retryAfterSeconds)],
  ]);
}

/** How a caller stands against a limit. */
export interface Standing {
  readonly retryAfterSeconds: number;
  /** `RateLimit` and `RateLimit-Policy`. */
  readonly headers: Readonly<Record<string, string>>;
}
