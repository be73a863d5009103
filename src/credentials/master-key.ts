import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/**
 * The one secret of an installation: 32 bytes that never reach the database. Everything symmetric is derived from it
 * by HKDF-SHA-256 (RFC 5869) under a label that names the purpose and a version, so that no two purposes share a key.
 */
export interface MasterKey {
  derive(purpose: KeyPurpose): Buffer;
  /** Tells two master keys apart and reveals neither; the database keeps it to recognise its own key. */
  readonly fingerprint: string;
}

export type KeyPurpose =
  | 'credential-pepper'
  | 'cursor-mac'
  | 'idempotency-encryption'
  | 'log-key-encryption'
  | 'access-key-encryption'
  | 'totp-encryption'
  | 'recovery-code-digest'
  | 'refresh-derivation'
  | 'sign-in-mac'
  | 'fingerprint';

export const MASTER_KEY_BYTES = 32;

export function createMasterKey(bytes: Uint8Array): MasterKey {
  if (bytes.byteLength !== MASTER_KEY_BYTES) throw new RangeError(`a master key has ${MASTER_KEY_BYTES} bytes`);
  const key: KeyObject = createSecretKey(bytes);
  const derive = (purpose: KeyPurpose) =>
    Buffer.from(hkdfSync('sha256', key, '', `tooken/v1/${purpose}`, MASTER_KEY_BYTES));
  return { derive, fingerprint: derive('fingerprint').toString('hex').slice(0, 32) };
}
