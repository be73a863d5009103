import { decodeUtf8 } from '../lib/encoding.ts';
import { decodeFormValue } from './form.ts';

/** What a request presents: the raw header values, undefined where a header is absent. */
export interface PresentedCredentials {
  readonly authorization: string | undefined;
  readonly apiKeyHeader: string | undefined;
  /** Where the request comes from. */
  readonly address: string | undefined;
  /** `Tooken-Environment`: what a member chooses by it, a credential of the workspace can only confirm. */
  readonly environment: string | undefined;
}

export type Scheme = 'bearer' | 'basic' | 'api_key';

/** A credential taken out of its header. Nobody has looked at its form yet. */
export interface PresentedCredential {
  readonly scheme: Scheme;
  readonly text: string;
  /** The user name of Basic: the id that the credential must belong to. */
  readonly user?: string;
}

/** The one credential of a request, or why there is none. `malformed` ones still tell which scheme was tried. */
export type ReadCredential =
  | { readonly outcome: 'read'; readonly credential: PresentedCredential }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'ambiguous' }
  | { readonly outcome: 'malformed'; readonly scheme: Scheme };

export function readCredential({ authorization, apiKeyHeader }: PresentedCredentials): ReadCredential {
  if (authorization === undefined) {
    if (apiKeyHeader === undefined) return { outcome: 'missing' };
    return { outcome: 'read', credential: { scheme: 'api_key', text: apiKeyHeader } };
  }
  if (apiKeyHeader !== undefined) return { outcome: 'ambiguous' };
  const space = authorization.indexOf(' ');
  const scheme = authorization.slice(0, space < 0 ? undefined : space).toLowerCase();
  const rest = space < 0 ? '' : authorization.slice(space + 1);
  if (scheme === 'basic') return readBasic(rest);
  // RFC 6750 §2.1: one space. A second one is part of `rest` and makes that malformed.
  return scheme === 'bearer' && rest !== ''
    ? { outcome: 'read', credential: { scheme, text: rest } }
    : { outcome: 'malformed', scheme: 'bearer' };
}

/**
 * RFC 7617, with user and password form-encoded as RFC 6749 §2.3.1 demands, or raw as many clients send them. Ids and
 * credentials have neither `%` nor `+` in them, so that decoding leaves the raw ones as they are.
 */
function readBasic(encoded: string): ReadCredential {
  const bytes = Buffer.from(encoded, 'base64');
  const pair = bytes.toString('base64') === encoded ? decodeUtf8(bytes) : undefined;
  const colon = pair?.indexOf(':') ?? -1;
  if (pair === undefined || colon < 0) return { outcome: 'malformed', scheme: 'basic' };
  const user = decodeFormValue(pair.slice(0, colon));
  const text = decodeFormValue(pair.slice(colon + 1));
  if (user === undefined || text === undefined) return { outcome: 'malformed', scheme: 'basic' };
  return { outcome: 'read', credential: { scheme: 'basic', text, user } };
}
