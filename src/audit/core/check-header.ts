import { bytesEqual } from './base64.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import { type Cosignature, openCosignature } from './cosignature.ts';
import { type DamageCode, type DamageFound, damageAt } from './damage.ts';
import type { ExportHeader } from './export-format.ts';
import { hashEmpty, type Sha256 } from './hash.ts';
import { type Note, NoteError, parseNote } from './note.ts';
import { verifyConsistency } from './proof.ts';
import { hashesFrom } from './read-line.ts';
import { compactNodes } from './tree.ts';
import { makeVerifierKey, type VerifierKey, type VerifyEd25519 } from './verifier-key.ts';

export interface NoteCrypto {
  readonly sha256: Sha256;
  readonly verify: VerifyEd25519;
}

/** A checkpoint of the log that somebody has kept. */
export interface KeptCheckpoint {
  /** What people know it by: the name of its file. */
  readonly label: string;
  readonly checkpoint: Checkpoint;
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

/**
 * What can be said of a kept checkpoint without the records: `settled`, or `open` if only the records can tell.
 *
 * @throws DamageFound
 */
export function compareHeads(
  sha256: Sha256,
  { label, checkpoint: kept }: KeptCheckpoint,
  current: Checkpoint,
): 'settled' | 'open' {
  const { size, root } = current;
  if (kept.size > size) {
    const found = `The checkpoint ${label} counts ${kept.size} leaves, that of the export only ${size}.`;
    throw damageAt(null, 'rolled_back', found, { leaves: { first: size, end: kept.size } });
  }
  if (kept.size === 0 && !bytesEqual(kept.root, hashEmpty(sha256))) throw contradiction(label, 0);
  if (kept.size < size) return kept.size === 0 ? 'settled' : 'open';
  if (bytesEqual(kept.root, root)) return 'settled';
  throw damageAt(null, 'forked', `The checkpoint ${label} has another root for the same ${size} leaves.`);
}

/** By the proof in the header. @throws DamageFound if there is none, or it does not hold */
export function checkByProof(
  sha256: Sha256,
  { label, checkpoint: kept }: KeptCheckpoint,
  current: Checkpoint,
  previous: ExportHeader['previous'],
): void {
  if (previous?.size !== kept.size) {
    const found =
      `Nothing in the export leads from the checkpoint ${label} to its own. Export again with the option --previous ` +
      `${kept.size} (in the API: previous=${kept.size}), or from the first leaf on without filters.`;
    throw damageAt(null, 'unchecked_history', found);
  }
  const isConsistent = verifyConsistency(sha256, {
    oldSize: kept.size,
    oldRoot: kept.root,
    newSize: current.size,
    newRoot: current.root,
    proof: hashesFrom(previous.proof) ?? [],
  });
  if (!isConsistent) throw contradiction(label, kept.size);
}

/** The log, as it is now, does not begin with what the kept checkpoint signed. */
export function contradiction(label: string, size: number): DamageFound {
  const found = `The first ${size} leaves do not have the root that the checkpoint ${label} signed.`;
  return damageAt(null, 'inconsistent_history', found, { leaves: { first: 0, end: size } });
}
