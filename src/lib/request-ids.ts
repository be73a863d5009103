import { createIdSeries, type IdSource } from './ids.ts';
import { maskCredentials } from './masking.ts';

/** What a client may call its request: nothing that could forge a line of a log, and no credential. */
const REQUEST_ID_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;

/** Names requests: by the id that the client has given, or, if that is none, by a new one. `atMs` as for a series. */
export type RequestIds = (given: string | undefined, atMs: number) => string;

export function createRequestIds(source: IdSource): RequestIds {
  const next = createIdSeries('req', source);
  return (given, atMs) => (given !== undefined && isName(given) ? given : next(atMs));
}

function isName(given: string): boolean {
  return REQUEST_ID_PATTERN.test(given) && maskCredentials(given) === given;
}
