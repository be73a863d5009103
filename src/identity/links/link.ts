import type { OpaqueSecret } from '../../credentials/opaque-secret.ts';

/**
 * Links that let whoever holds one set a member's password, once, within 72 hours. The newest of a member is the only one
 * that works.
 *
 *     <TOOKEN_PUBLIC_URL>/link#tokl_<43 base62 characters>
 *
 * The secret is in the fragment, which browsers send to nobody: it reaches no log of a server or a proxy, no `Referer`, and
 * what looks links up in passing, as mail scanners do, does not use it up. Stored is its digest.
 */
export type LinkKind = 'invitation' | 'set_up' | 'reset';

export const LINK_SECONDS = 72 * 60 * 60;

/** The only copy of the secret. */
export interface Link {
  readonly url: string;
  readonly secret: OpaqueSecret;
  readonly expiresAt: Date;
}

export function linkUrl(publicUrl: string, secret: OpaqueSecret): string {
  return `${publicUrl}/link#${secret}`;
}
