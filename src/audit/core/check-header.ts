import { bytesEqual } from './base64.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import { type Cosignature, openCosignature } from './cosignature.ts';
import { type DamageFound, damageAt } from './damage.ts';
import type { DamageCode } from './damage-texts.ts';
import type { ExportHeader } from './export-format.ts';
import type { Sha256 } from './hash.ts';
import { type Note, NoteError, parseNote } from './note.ts';
import { hashesFrom } from './read-line.ts';
import { compactNodes } from './tree.ts';
import { makeVerifierKey, type VerifierKey, type VerifyEd25519 } from './verifier-key.ts';

export interface NoteCrypto {
  readonly sha256: Sha256;
  readonly verify: VerifyEd25519;
}

/**
 * The checkpoint in a signed note of the log, and the note.
 *
 * @param what begins the sentence that says what is wrong with it: `The checkpoint of the export`
 * @throws DamageFound
 */
export function openLogNote(
  crypto: NoteCrypto,
  text: string,
  key: VerifierKey,
  what: string,
  line: number | null = null,
): { readonly checkpoint: Checkpoint; readonly note: Note } {
  try {
    return openCheckpoint(crypto, text, key);
  } catch (error) {
    if (!(error instanceof NoteError)) throw error;
    throw noteDamage(crypto, error, text, key, what, line);
  }
}

/** What an error about a note means for somebody who was given the key. */
export function noteDamage(
  { sha256 }: Pick<NoteCrypto, 'sha256'>,
  error: NoteError,
  text: string,
  key: VerifierKey,
  what: string,
  line: number | null,
): DamageFound {
  const code = isOfOtherType(sha256, text, key) ? 'wrong_key_type' : CODES[error.code];
  return damageAt(line, code, `${what}: ${error.message}`);
}

const CODES: Readonly<Record<NoteError['code'], DamageCode>> = {
  malformed: 'malformed_checkpoint',
  wrong_name: 'wrong_name',
  unknown_key: 'unknown_key',
  bad_signature: 'bad_signature',
  wrong_origin: 'wrong_name',
  not_included: 'wrong_root',
};

/** Whether the very key has signed, but as a key of the other type. */
function isOfOtherType(sha256: Sha256, text: string, key: VerifierKey): boolean {
  const other = makeVerifierKey(sha256, {
    ...key,
    algorithm: key.algorithm === 'ed25519' ? 'cosignature' : 'ed25519',
  });
  try {
    const { signatures } = parseNote(text);
    const by = (one: VerifierKey) =>
      signatures.some(({ name, keyId }) => name === one.name && bytesEqual(keyId, one.keyId));
    return by(other) && !by(key);
  } catch {
    return false;
  }
}

/** The compact ranges on both sides of the export, decoded. @throws DamageFound */
export function readSurroundings(
  { first, end, before, after }: ExportHeader,
  size: number,
  line: number,
): { readonly before: readonly Uint8Array[]; readonly after: readonly Uint8Array[] } {
  if (first > end || end > size) {
    throw damageAt(line, 'damaged_line', 'The header claims leaves that its checkpoint does not cover.');
  }
  const read = (texts: readonly string[], range: { begin: number; end: number }) => {
    const hashes = hashesFrom(texts);
    if (hashes?.length === compactNodes(range).length) return hashes;
    throw damageAt(
      line,
      'damaged_line',
      'The header does not have the hashes of the leaves before or after the export.',
    );
  };
  return { before: read(before, { begin: 0, end: first }), after: read(after, { begin: end, end: size }) };
}

/** The cosignatures by these witnesses; those of others are not looked at. @throws DamageFound if one is false */
export function readCosignatures(
  crypto: NoteCrypto,
  note: Note,
  witnesses: readonly VerifierKey[],
  line: number | null,
): Cosignature[] {
  return witnesses.flatMap((witness) => {
    try {
      return [openCosignature(crypto, note, witness)];
    } catch (error) {
      if (!(error instanceof NoteError) || error.code === 'malformed') throw error;
      if (error.code !== 'bad_signature') return [];
      throw damageAt(line, 'bad_signature', `The cosignature of a witness: ${error.message}`);
    }
  });
}
