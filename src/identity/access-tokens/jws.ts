import { hash } from 'node:crypto';
import { signEd25519, verifyEd25519 } from '../../audit/hashing.ts';
import { decodeUtf8 } from '../../lib/encoding.ts';

/**
 * Compact JWS (RFC 7515 §7.1) with Ed25519 (RFC 8037 §3.1), as much of it as our own tokens take:
 *
 *     token  = header "." payload "." signature, each in base64url without padding
 *     header = {"alg":"EdDSA","typ":"at+jwt","kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"}
 *
 * A header is never interpreted. It is, byte for byte, one that we write ourselves for a key that we know, or the token is
 * nothing: there is no algorithm to be talked into, no type to confuse and no key to be fetched.
 */
export type TokenType = 'at+jwt' | 'totp+jwt';

/** The protected header, encoded as it stands in a token. */
export function protectedHeader(type: TokenType, kid: string): string {
  return encode(`{"alg":"EdDSA","typ":"${type}","kid":"${kid}"}`);
}

/** Whether an encoded header is written like ours, whichever key it names. */
export function isProtectedHeader(type: TokenType, header: string): boolean {
  const kid = KID.exec(decode(header)?.toString('latin1') ?? '')?.[1];
  return kid !== undefined && header === protectedHeader(type, kid);
}

const KID = /"kid":"([\w-]{43})"\}$/;

/** How every access token begins, up to the last byte before the id of the key that shares no character with it. */
export const ACCESS_TOKEN_START = protectedHeader('at+jwt', '').slice(0, 48);

/** The JWS of `payload`, which is JSON. `seed` is the private key. */
export function signJws(header: string, payload: string, seed: Uint8Array): string {
  const signed = `${header}.${encode(payload)}`;
  return `${signed}.${signEd25519(seed, Buffer.from(signed, 'latin1')).toString('base64url')}`;
}

/** The encoded header of what may be a JWS; undefined for what is none. */
export function headerOf(text: string): string | undefined {
  const end = text.length > MAX_LENGTH ? -1 : text.indexOf('.');
  return end === -1 ? undefined : text.slice(0, end);
}

/** The payload, if `publicKey` has signed `text`, whose header the caller has compared. One text only stands for it. */
export function openJws(text: string, publicKey: Uint8Array): string | undefined {
  const [header, payload, signature, ...more] = text.split('.');
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0) return undefined;
  const [payloadBytes, signatureBytes] = [decode(payload), decode(signature)];
  if (payloadBytes === undefined || signatureBytes === undefined) return undefined;
  const signed = Buffer.from(`${header}.${payload}`, 'latin1');
  return verifyEd25519(publicKey, signed, signatureBytes) ? decodeUtf8(payloadBytes) : undefined;
}

/** The thumbprint of an Ed25519 key (RFC 7638 §3, RFC 8037 §2). */
export function thumbprintOf(publicKey: Buffer): string {
  return hash('sha256', `{"crv":"Ed25519","kty":"OKP","x":"${publicKey.toString('base64url')}"}`, 'base64url');
}

/** Ours have some 600 characters, and the public URL twice. */
const MAX_LENGTH = 4_096;

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url');
}

/** Strict: what the decoder would skip, padding and spare bits are refused. */
function decode(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}
