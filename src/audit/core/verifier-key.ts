import { bytesEqual, concatBytes, fromBase64, toBase64, toHex, utf8 } from './base64.ts';
import type { Sha256 } from './hash.ts';
import { isKeyName, NoteError } from './note.ts';

/**
 * Verifier keys, c2sp.org/signed-note: a public key, the name under which it signs and how, in one line.
 *
 *     PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW
 *
 * That is the name, the id of the key in lower-case hexadecimal, and the base64 of a type byte and the key itself:
 *
 *     id = the first 4 bytes of SHA-256(name ‖ 0x0A ‖ type byte ‖ public key)
 *
 * The type byte says what a signature of the key means: 0x01 is Ed25519 over the text of a note, as logs sign their
 * checkpoints; 0x04 a timestamped Ed25519 cosignature, as witnesses make them. So one cannot pass for the other.
 */
export interface VerifierKey {
  readonly name: string;
  readonly algorithm: KeyAlgorithm;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 4 bytes. */
  readonly keyId: Uint8Array;
}

export type KeyAlgorithm = keyof typeof TYPE_BYTES;

const TYPE_BYTES = { ed25519: 0x01, cosignature: 0x04 } as const;
const PUBLIC_KEY_BYTES = 32;

/** Whether the Ed25519 `signature` of `message` is by `publicKey`, RFC 8032. False for what is no key or signature. */
export type VerifyEd25519 = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/** Computes the id. Throws a NoteError (`malformed`) for a name that no key may have or a key that is not 32 bytes. */
export function makeVerifierKey(sha256: Sha256, key: Omit<VerifierKey, 'keyId'>): VerifierKey {
  const { name, algorithm, publicKey } = key;
  if (!isKeyName(name)) throw malformed('its name is empty, or has a space or a plus sign');
  if (publicKey.length !== PUBLIC_KEY_BYTES) throw malformed('an Ed25519 key has 32 bytes');
  const id = sha256(concatBytes(utf8(`${name}\n`), typedKey(key)));
  return { name, algorithm, publicKey, keyId: id.slice(0, 4) };
}

export function formatVerifierKey(key: VerifierKey): string {
  return `${key.name}+${toHex(key.keyId)}+${toBase64(typedKey(key))}`;
}

/** Throws a NoteError (`malformed`) unless `formatVerifierKey` makes this very text, of a key with the id it should have. */
export function parseVerifierKey(sha256: Sha256, text: string): VerifierKey {
  const [name = '', keyId = '', encoded = '', ...rest] = text.split('+');
  const typed = fromBase64([encoded, ...rest].join('+'));
  if (!/^[0-9a-f]{8}$/.test(keyId) || typed === undefined || typed.length !== 1 + PUBLIC_KEY_BYTES) {
    throw malformed('expected <name>+<8 hexadecimal digits>+<44 characters of base64>');
  }
  const algorithm = algorithmOf(typed[0]);
  if (algorithm === undefined) throw malformed('its type is neither Ed25519 (1) nor an Ed25519 cosignature (4)');
  const key = makeVerifierKey(sha256, { name, algorithm, publicKey: typed.slice(1) });
  if (toHex(key.keyId) !== keyId) throw malformed('its id does not fit its name and key, so one of them was changed');
  return key;
}

/** Whether both are the same key for the same use under the same name. */
export function isSameKey(a: VerifierKey, b: VerifierKey): boolean {
  return a.name === b.name && a.algorithm === b.algorithm && bytesEqual(a.publicKey, b.publicKey);
}

function typedKey({ algorithm, publicKey }: Pick<VerifierKey, 'algorithm' | 'publicKey'>): Uint8Array {
  return concatBytes(Uint8Array.of(TYPE_BYTES[algorithm]), publicKey);
}

function algorithmOf(typeByte: number | undefined): KeyAlgorithm | undefined {
  if (typeByte === TYPE_BYTES.ed25519) return 'ed25519';
  return typeByte === TYPE_BYTES.cosignature ? 'cosignature' : undefined;
}

function malformed(reason: string): NoteError {
  return new NoteError('malformed', `This is no verifier key: ${reason}.`);
}
