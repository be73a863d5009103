import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import { createShared } from '../lib/shared.ts';

/**
 * What the log's mathematics (`core/`) asks to be given, from Node: SHA-256 in one shot, and Ed25519 (RFC 8032) with keys
 * as the 32 bytes of that RFC. Making a key object of them costs as much as a signature, so it is kept.
 */
export function sha256(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer');
}

/** Never throws: what is no key or no signature verifies nothing. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.byteLength !== KEY_BYTES || signature.byteLength !== SIGNATURE_BYTES) return false;
  return verify(null, message, publicKeys(Buffer.from(publicKey).toString('hex')), signature);
}

/** `seed` is the private key. Its key object lives as long as this very array; the array must not change. */
export function signEd25519(seed: Uint8Array, message: Uint8Array): Buffer {
  return sign(null, message, privateKeyOf(seed));
}

/** The public key, 32 bytes, of the private key `seed`. */
export function ed25519PublicKey(seed: Uint8Array): Buffer {
  return createPublicKey(privateKeyOf(seed)).export({ type: 'spki', format: 'der' }).subarray(-KEY_BYTES);
}

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const MAX_PUBLIC_KEYS = 1_000;

// DER of RFC 8410 up to the key itself.
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** By the key in hexadecimal. */
const publicKeys = createShared(
  (key) => createPublicKey({ key: Buffer.concat([SPKI_PREFIX, Buffer.from(key, 'hex')]), format: 'der', type: 'spki' }),
  MAX_PUBLIC_KEYS,
);

const privateKeys = new WeakMap<Uint8Array, KeyObject>();

function privateKeyOf(seed: Uint8Array): KeyObject {
  const known = privateKeys.get(seed);
  if (known !== undefined) return known;
  if (seed.byteLength !== KEY_BYTES) throw new RangeError(`an Ed25519 key of ${seed.byteLength} bytes`);
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  privateKeys.set(seed, key);
  return key;
}
