import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import type { Credential } from './format.ts';
import type { OpaqueSecret } from './opaque-secret.ts';

/** What is stored of a credential: 32 bytes that do not lead back to it. */
declare const digestBrand: unique symbol;
export type Digest = Buffer & { readonly [digestBrand]: true };

/** Turns credentials into digests under one pepper. */
export type DigestFunction = (credential: Credential | OpaqueSecret) => Digest;

/**
 * `HMAC-SHA-256(pepper, SHA-256(credential))`. The credential has 256 bits of its own, so a slow hash would add load
 * and nothing else. The pepper, which the database never sees, keeps whoever can write to the database from planting
 * a credential of their own. The inner hash lets credentials of foreign make be imported by their SHA-256.
 */
export function createDigest(pepper: Uint8Array): DigestFunction {
  const key: KeyObject = createSecretKey(pepper);
  return (credential) =>
    createHmac('sha256', key)
      .update(hash('sha256', credential, 'buffer'))
      .digest() as Digest;
}
