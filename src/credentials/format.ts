import { crc32, fromBase62, randomBase62, toBase62 } from '../lib/encoding.ts';
import type { Random } from '../lib/random.ts';

/**
 * The text form that API keys and tokens share:
 *
 *     <prefix>_<environment>_<43 base62 characters><6 base62 characters>
 *     tkn_live_0Yk3mVqW8…                          6nB2xq
 *              └ 256 random bits                  └ CRC-32 of everything before it
 *
 * Underscores keep a double click selecting the whole; there is nothing in it that a URL, a shell or HTTP Basic would
 * need to escape. The checksum lets a service refuse a mistyped or made-up credential without asking anybody, and a
 * secret scanner report without false alarms. The prefix tells people and scanners what they look at; what a
 * credential is and may do comes from the stored record alone.
 */
export type Environment = 'live' | 'test';
export const ENVIRONMENTS = ['live', 'test'] as const satisfies readonly Environment[];

/** A credential that has the right form and checksum. Whether anyone issued it is another question. */
declare const wellFormed: unique symbol;
export type Credential = string & { readonly [wellFormed]: true };

/** API keys carry this prefix, and no workspace may choose it for its tokens. */
export const API_KEY_PREFIX = 'tok';
export const DEFAULT_TOKEN_PREFIX = 'tkn';

/** What a workspace may choose as its token prefix: 2 to 12 characters. */
export const PREFIX_PATTERN = /^[a-z][a-z0-9]{1,11}$/;

const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
/** No credential is longer. */
export const CREDENTIAL_MAX_LENGTH = '123456789012_live_'.length + SECRET_LENGTH + CHECKSUM_LENGTH;
const CREDENTIAL_PATTERN = /^[a-z][a-z0-9]{1,11}_(?:live|test)_[0-9A-Za-z]{49}$/;

/** A new credential with 256 bits from `random`. */
export function generateCredential(prefix: string, environment: Environment, random: Random): Credential {
  const body = `${prefix}_${environment}_${randomBase62(SECRET_LENGTH, (size) => random.bytes(size))}`;
  return `${body}${checksum(body)}` as Credential;
}

/** `text`, if {@link generateCredential} could have made it; undefined for anything else. */
export function parseCredential(text: string): Credential | undefined {
  if (!CREDENTIAL_PATTERN.test(text)) return undefined;
  const sumStart = text.length - CHECKSUM_LENGTH;
  return crc32(text, sumStart) === fromBase62(text, sumStart) ? (text as Credential) : undefined;
}

/**
 * What lists and logs show of a credential: prefix, environment, the first and the last four characters, as in
 * `tkn_live_4fXk…9aB2`. That leaves more than 200 unknown bits.
 */
export function hintOf(credential: Credential): string {
  const bodyStart = credential.lastIndexOf('_') + 1;
  return `${credential.slice(0, bodyStart + 4)}…${credential.slice(-4)}`;
}

/** The regular expression that secret scanners are given, as source text without anchors. */
export function scannerPattern(prefix: string): string {
  return `\\b${prefix}_(?:live|test)_[0-9A-Za-z]{${SECRET_LENGTH + CHECKSUM_LENGTH}}\\b`;
}

function checksum(body: string): string {
  return toBase62(crc32(body), CHECKSUM_LENGTH);
}
