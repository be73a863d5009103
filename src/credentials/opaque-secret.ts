import { randomBase62 } from '../lib/encoding.ts';
import type { Random } from '../lib/random.ts';

/**
 * What stands for a member's session or for a link, and is no credential of the API:
 *
 *     <prefix>_<43 base62 characters: 256 random bits>
 *
 * The prefix keeps kinds apart, and tells whoever finds one what it is. Stored is its digest, made like that of a credential.
 */
export type SecretKind = 'refresh' | 'link' | 'device' | 'cookie';

const PREFIXES: Readonly<Record<SecretKind, string>> = {
  refresh: 'tokr',
  link: 'tokl',
  device: 'tokd',
  cookie: 'toks',
};
const LENGTH = 43;

declare const opaque: unique symbol;
export type OpaqueSecret = string & { readonly [opaque]: true };

export function generateSecret(kind: SecretKind, random: Random): OpaqueSecret {
  return `${PREFIXES[kind]}_${randomBase62(LENGTH, (size) => random.bytes(size))}` as OpaqueSecret;
}

/** `text`, if {@link generateSecret} could have made it for that kind; undefined for anything else. */
export function parseSecret(kind: SecretKind, text: string): OpaqueSecret | undefined {
  const isOne = text.length === PREFIXES[kind].length + 1 + LENGTH && PATTERNS[kind].test(text);
  return isOne ? (text as OpaqueSecret) : undefined;
}

const PATTERNS: Readonly<Record<SecretKind, RegExp>> = {
  refresh: /^tokr_[0-9A-Za-z]{43}$/,
  link: /^tokl_[0-9A-Za-z]{43}$/,
  device: /^tokd_[0-9A-Za-z]{43}$/,
  cookie: /^toks_[0-9A-Za-z]{43}$/,
};
