import { concatBytes, fromBase64, toBase64, utf8 } from './base64.ts';

/**
 * Signed notes, c2sp.org/signed-note: a text and the signatures of one or more keys over it.
 *
 *     If you think cryptography is the answer to your problem,
 *     then you don't know what your problem is.
 *
 *     — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
 *
 * The text ends with a newline, which is signed too; an empty line follows, and then one line for each signature: an
 * em dash, a space, the name of the key, a space, the base64 of the key's id (4 bytes) and of the signature, a newline.
 * The last empty line of the note is what ends the text, so the text may have empty lines of its own.
 *
 * A note is well-formed Unicode without control characters below U+0020 other than the newline. A name is not empty and
 * has no space of any kind and no plus sign. Here a note has at most 1,000,000 bytes of UTF-8 and 100 signatures.
 *
 * Reading a note proves nothing: its text means something only once a signature of a known key was verified, which is
 * what `open-note.ts` does.
 */
export interface Note {
  /** What is signed, with its last newline. */
  readonly text: string;
  /** At least one. */
  readonly signatures: readonly NoteSignature[];
}

export interface NoteSignature {
  readonly name: string;
  /** 4 bytes. */
  readonly keyId: Uint8Array;
  /** What the key made, without its id; never empty. */
  readonly signature: Uint8Array;
  /** As it stands in the note, with its newline. */
  readonly line: string;
}

export type NoteErrorCode =
  /** It is not of the form. */
  | 'malformed'
  /** No signature bears the name of the key. */
  | 'wrong_name'
  /** Signatures bear the name, but none the id of the key. */
  | 'unknown_key'
  /** A signature that claims to be of the key is not. */
  | 'bad_signature'
  /** Signed by the key, but for a log of another origin. */
  | 'wrong_origin'
  /** The hashes do not lead from the entry to the signed root. */
  | 'not_included';

/** Why a note, or what stands in one, is not to be believed. The message is for people and quotes nothing of the note. */
export class NoteError extends Error {
  override readonly name = 'NoteError';
  readonly code: NoteErrorCode;

  constructor(code: NoteErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const MAX_NOTE_BYTES = 1_000_000;
const MAX_SIGNATURES = 100;
const KEY_ID_BYTES = 4;

/** Throws a NoteError (`malformed`) for what is no note. */
export function parseNote(text: string): Note {
  if (text.length > MAX_NOTE_BYTES || utf8(text).length > MAX_NOTE_BYTES) {
    throw malformed(`it is larger than ${MAX_NOTE_BYTES} bytes`);
  }
  if (!text.isWellFormed() || hasControlCharacters(text)) throw malformed('it holds characters that no note holds');
  const split = text.lastIndexOf('\n\n');
  if (split === -1) throw malformed('no empty line ends its text');
  const lines = text.slice(split + 2).split('\n');
  if (lines.pop() !== '' || lines.length === 0) throw malformed('its last line is not a whole signature line');
  if (lines.length > MAX_SIGNATURES) throw malformed(`it has more than ${MAX_SIGNATURES} signatures`);
  return { text: text.slice(0, split + 1), signatures: lines.map(parseSignatureLine) };
}

/**
 * The note of `text`, which ends with a newline, and `lines`, which are signature lines with their newlines. Throws a
 * NoteError (`malformed`) if that makes no note.
 */
export function formatNote(text: string, lines: readonly string[]): string {
  const note = `${text}\n${lines.join('')}`;
  const parsed = parseNote(note);
  if (parsed.text !== text || parsed.signatures.length !== lines.length) throw malformed('a part of it is two');
  return note;
}

/** With its newline. Throws a NoteError (`malformed`) for a name, an id or a signature that cannot be one. */
export function formatSignatureLine(name: string, keyId: Uint8Array, signature: Uint8Array): string {
  if (!isKeyName(name)) throw malformed('a key has a name without spaces and plus signs');
  if (keyId.length !== KEY_ID_BYTES || signature.length === 0) throw malformed('a key id has four bytes');
  return `— ${name} ${toBase64(concatBytes(keyId, signature))}\n`;
}

export function isKeyName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !hasControlCharacters(name) && !/[\p{White_Space}+]/u.test(name);
}

function parseSignatureLine(line: string): NoteSignature {
  const [dash, name = '', encoded = '', ...rest] = line.split(' ');
  const bytes = fromBase64(encoded);
  const isLine = dash === '—' && rest.length === 0 && isKeyName(name);
  if (!isLine || bytes === undefined || bytes.length <= KEY_ID_BYTES) throw malformed('a signature line is none');
  return {
    name,
    keyId: bytes.slice(0, KEY_ID_BYTES),
    signature: bytes.slice(KEY_ID_BYTES),
    line: `${line}\n`,
  };
}

function hasControlCharacters(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 && code !== 0x0a) return true;
  }
  return false;
}

function malformed(reason: string): NoteError {
  return new NoteError('malformed', `This is no signed note: ${reason}.`);
}
