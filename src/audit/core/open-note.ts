import { bytesEqual, utf8 } from './base64.ts';
import { type Note, NoteError, type NoteSignature, parseNote } from './note.ts';
import type { VerifierKey, VerifyEd25519 } from './verifier-key.ts';

/**
 * The note, once every signature that claims to be by `key` was found to be. Signatures of other keys are not looked at.
 * Throws a NoteError: `malformed`, `wrong_name`, `unknown_key` or `bad_signature`.
 */
export function openNote({ verify }: { readonly verify: VerifyEd25519 }, text: string, key: VerifierKey): Note {
  const note = parseNote(text);
  const signed = utf8(note.text);
  for (const { signature } of signaturesBy(note, key, 'ed25519')) {
    if (!verify(key.publicKey, signed, signature)) throw badSignature(key);
  }
  return note;
}

/** Those that bear the name and the id of the key, at least one. Throws a NoteError: `wrong_name`, `unknown_key`. */
export function signaturesBy(
  note: Note,
  key: VerifierKey,
  algorithm: VerifierKey['algorithm'],
): readonly NoteSignature[] {
  const ofName = note.signatures.filter(({ name }) => name === key.name);
  if (ofName.length === 0) throw new NoteError('wrong_name', `No signature is by ${key.name}.`);
  const ofKey = ofName.filter(({ keyId }) => bytesEqual(keyId, key.keyId));
  if (ofKey.length === 0 || key.algorithm !== algorithm) {
    throw new NoteError('unknown_key', `Signed in the name of ${key.name}, but not by the key given for it.`);
  }
  return ofKey;
}

export function badSignature(key: VerifierKey): NoteError {
  return new NoteError('bad_signature', `The signature of ${key.name} does not fit what it is said to sign.`);
}
