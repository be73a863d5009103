import { createIdSeries, type IdSource } from './ids.ts';

/** What a client may call its request: nothing that could forge a line of a log. */
const REQUEST_ID_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;

/** Names requests: by the id that the client has given, or, if that is none, by a new one. `atMs` as for a series. */
export type RequestIds = (given: string | undefined, atMs: number) => string;

export function createRequestIds(source: IdSource): RequestIds {
  const next = createIdSeries('req', source);
  return (given, atMs) => (given !== undefined && REQUEST_ID_PATTERN.test(given) ? given : next(atMs));
}
