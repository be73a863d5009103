import { formatCheckpoint } from '../../../src/audit/core/checkpoint.ts';
import { cosignedMessage } from '../../../src/audit/core/cosignature.ts';
import { formatNote, formatSignatureLine } from '../../../src/audit/core/note.ts';
import { type KeyAlgorithm, makeVerifierKey, type VerifierKey } from '../../../src/audit/core/verifier-key.ts';
import { ed25519PublicKey, sha256, signEd25519, verifyEd25519 } from '../../../src/audit/hashing.ts';

export const crypto = { sha256, verify: verifyEd25519 };

export interface TestKey {
  readonly key: VerifierKey;
  /** The signature line over the text of a note. */
  sign(text: string): string;
  /** The cosignature line over the text of a note, at a time in seconds. */
  cosign(text: string, timestamp: number): string;
}

/** A key whose private half is 32 times the byte `seed`. */
export function testKey(name: string, seed: number, algorithm: KeyAlgorithm = 'ed25519'): TestKey {
  const secret = Buffer.alloc(32, seed);
  const key = makeVerifierKey(sha256, { name, algorithm, publicKey: ed25519PublicKey(secret) });
  return {
    key,
    sign: (text) => formatSignatureLine(name, key.keyId, signEd25519(secret, Buffer.from(text, 'utf8'))),
    cosign: (text, timestamp) => cosignatureLine(key, timestamp, signEd25519(secret, cosignedMessage(timestamp, text))),
  };
}

/** By c2sp.org/tlog-cosignature: the time as big-endian uint64, then the signature. */
export function cosignatureLine(
  { name, keyId }: Pick<VerifierKey, 'name' | 'keyId'>,
  timestamp: number,
  signature: Uint8Array,
): string {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(timestamp));
  return formatSignatureLine(name, keyId, Buffer.concat([time, signature]));
}

export function signedCheckpoint(log: TestKey, size: number, root: Uint8Array, origin = log.key.name): string {
  const body = formatCheckpoint({ origin, size, root });
  return formatNote(body, [log.sign(body)]);
}
