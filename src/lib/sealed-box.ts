import { type CipherKey, createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from './random.ts';

/**
 * A secret as the database keeps it:
 *
 *     sealed = nonce (12 bytes) ‖ AES-256-GCM(key, nonce, secret, associated data = binding) ‖ tag (16 bytes)
 *
 * The binding, text in UTF-8 or bytes, names whose it is, so that a sealed secret which is moved to another row does not open
 * there. Databases are full of these: the layout stays.
 */
export function seal(key: CipherKey, secret: Uint8Array, binding: string | Uint8Array, random: Random): Buffer {
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(binding));
  return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined if it was not sealed so: under this key, for this binding, and unchanged since. */
export function unseal(key: CipherKey, sealed: Uint8Array, binding: string | Uint8Array): Buffer | undefined {
  if (sealed.byteLength < NONCE_BYTES + TAG_BYTES) return undefined;
  const end = sealed.byteLength - TAG_BYTES;
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(binding)).setAuthTag(sealed.subarray(end));
  const secret = decipher.update(sealed.subarray(NONCE_BYTES, end));
  try {
    return Buffer.concat([secret, decipher.final()]);
  } catch {
    return undefined;
  }
}

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
