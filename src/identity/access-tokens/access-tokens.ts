import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import {
  type AccessTokenClaims,
  type Parties,
  readAccessClaims,
  readTemporaryClaims,
  type TemporaryTokenClaims,
  writeAccessClaims,
  writeTemporaryClaims,
} from './claims.ts';
import {
  ACCESS_TOKEN_START,
  headerOf,
  isProtectedHeader,
  openJws,
  protectedHeader,
  signJws,
  type TokenType,
} from './jws.ts';
import { openSigningKeys, type SigningKey, type SigningKeyOptions } from './signing-keys.ts';

/** Signs and reads the tokens of members who have signed in, and of those who are about to. */
export interface AccessTokens {
  sign(claims: AccessTokenClaims): string;
  /**
   * What an access token says, if we have signed it for ourselves. Says nothing of its end, which the caller compares with
   * the time of its turn, nor of its session, which may be over. Costs a signature check the first time (some 100 µs).
   */
  read(text: string): AccessTokenClaims | undefined;
  /** A token for the second step of a sign-in. It never passes for an access token, nor the other way round. */
  signTemporary(claims: TemporaryTokenClaims): string;
  /** Says nothing of its end either. */
  readTemporary(text: string): TemporaryTokenClaims | undefined;
  /** The public keys as a JWK Set (RFC 7517 §5, RFC 8037 §2), the one that signs first. */
  jwks(): JwkSet;
}

export interface JwkSet {
  readonly keys: readonly Jwk[];
}

export interface Jwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly kid: string;
  readonly use: 'sig';
  readonly alg: 'EdDSA';
}

export interface AccessTokensOptions extends SigningKeyOptions {
  /** Scheme, host and port: who signs, and for whom. */
  readonly publicUrl: string;
}

/** Where a temporary token is good for something. */
const TEMPORARY_AUDIENCE_PATH = '/v1/auth/totp/verify';

/** Whether `text` looks like an access token, and like no other credential. A glance: nothing is verified. */
export function isAccessToken(text: string): boolean {
  return text.startsWith(ACCESS_TOKEN_START);
}

/** Rejects if the database cannot be asked for the keys, of which it makes the first one. */
export async function openAccessTokens(options: AccessTokensOptions): Promise<AccessTokens> {
  const { publicUrl, random, clock } = options;
  const parties: Parties = { issuer: publicUrl, audience: publicUrl };
  const temporaryParties: Parties = { issuer: publicUrl, audience: `${publicUrl}${TEMPORARY_AUDIENCE_PATH}` };
  const verified = new LRUCache<string, AccessTokenClaims>({ max: MAX_VERIFIED });
  let ring = createRing(await openSigningKeys(options));
  let lookedAtMs = clock.monotonicMs();

  /** Another replica may have made a key. A stranger can make us look, so that is done now and then only. */
  function lookAgain(): void {
    const nowMs = clock.monotonicMs();
    if (nowMs - lookedAtMs < LOOK_AGAIN_MS) return;
    lookedAtMs = nowMs;
    // Without the database nothing changes; the next unknown key makes us look once more.
    openSigningKeys(options).then(
      (keys) => {
        ring = createRing(keys);
      },
      () => {},
    );
  }

  /** The key that a token names, by its header. */
  function keyOf(type: TokenType, text: string): Buffer | undefined {
    const header = headerOf(text);
    if (header === undefined) return undefined;
    const key = ring.publicKeys[type].get(header);
    if (key === undefined && isProtectedHeader(type, header)) lookAgain();
    return key;
  }

  return {
    sign(claims) {
      const id = random.bytes(ID_BYTES).toString('base64url');
      return signJws(ring.signing['at+jwt'], writeAccessClaims(parties, claims, id), ring.seed);
    },
    read(text) {
      const key = keyOf('at+jwt', text);
      if (key === undefined) return undefined;
      // Not the text: who reads this memory must not find what opens sessions.
      const name = hash('sha256', text, 'binary');
      const known = verified.get(name);
      if (known !== undefined) return known;
      const payload = openJws(text, key);
      const claims = payload === undefined ? undefined : readAccessClaims(parties, payload);
      if (claims !== undefined) verified.set(name, claims);
      return claims;
    },
    signTemporary: (claims) =>
      signJws(ring.signing['totp+jwt'], writeTemporaryClaims(temporaryParties, claims), ring.seed),
    readTemporary(text) {
      const key = keyOf('totp+jwt', text);
      const payload = key && openJws(text, key);
      return payload === undefined ? undefined : readTemporaryClaims(temporaryParties, payload);
    },
    jwks: () => ring.jwks,
  };
}

/** Access tokens whose signature has been checked, at some 500 bytes each. */
const MAX_VERIFIED = 10_000;
const LOOK_AGAIN_MS = 5_000;
const ID_BYTES = 16;

/** Keys, ready for use: the newest signs, all verify. */
interface Ring {
  readonly seed: Buffer;
  /** The header of what is signed, */
  readonly signing: Readonly<Record<TokenType, string>>;
  /** and the public keys by the headers of what was. */
  readonly publicKeys: Readonly<Record<TokenType, ReadonlyMap<string, Buffer>>>;
  readonly jwks: JwkSet;
}

function createRing(keys: readonly SigningKey[]): Ring {
  const [newest] = keys;
  if (newest === undefined) throw new Error('no key signs access tokens');
  const byHeader = (type: TokenType) =>
    new Map(keys.map(({ kid, publicKey }) => [protectedHeader(type, kid), publicKey]));
  return {
    seed: newest.seed,
    signing: {
      'at+jwt': protectedHeader('at+jwt', newest.kid),
      'totp+jwt': protectedHeader('totp+jwt', newest.kid),
    },
    publicKeys: { 'at+jwt': byHeader('at+jwt'), 'totp+jwt': byHeader('totp+jwt') },
    jwks: { keys: keys.map(toJwk) },
  };
}

function toJwk({ kid, publicKey }: SigningKey): Jwk {
  return { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url'), kid, use: 'sig', alg: 'EdDSA' };
}
