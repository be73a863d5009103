import { bytesEqual } from './base64.ts';
import { type NoteCrypto, openLogNote } from './check-header.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type DamageFound, damageAt } from './damage.ts';
import type { ExportHeader } from './export-format.ts';
import { hashEmpty, type Sha256 } from './hash.ts';
import { isEarlierOrigin } from './log-origin.ts';
import { type NoteSignature, parseNote } from './note.ts';
import { verifyConsistency } from './proof.ts';
import { hashesFrom } from './read-line.ts';
import type { VerifierKey } from './verifier-key.ts';

/** A checkpoint of the log that somebody has kept. It is of the same tree, also if it is from before a new beginning. */
export interface KeptCheckpoint {
  /** What people know it by: the name of its file. */
  readonly label: string;
  readonly checkpoint: Checkpoint;
}

/**
 * The checkpoint in the note `text`, by whichever of the keys its name belongs to.
 *
 * @param previousKeys of the log before its new beginnings
 * @throws DamageFound if it is by none of them
 */
export function openKept(
  crypto: NoteCrypto,
  { label, text }: { readonly label: string; readonly text: string },
  key: VerifierKey,
  previousKeys: readonly VerifierKey[] = [],
): KeptCheckpoint {
  const what = `The checkpoint ${label}`;
  const signatures = signaturesOf(text);
  const keys = [key, ...previousKeys];
  const isOfName = ({ name }: VerifierKey) => signatures.some((one) => one.name === name);
  const hasSigned = ({ name, keyId }: VerifierKey) =>
    signatures.some((one) => one.name === name && bytesEqual(one.keyId, keyId));
  const signer = keys.find(hasSigned) ?? keys.find(isOfName);
  if (signer === undefined && signatures.some(({ name }) => isEarlierOrigin(name, key.name))) {
    const found = `${what} is from before the log began anew. Give the key that it had then with --previous-key.`;
    throw damageAt(null, 'wrong_name', found);
  }
  return { label, checkpoint: openLogNote(crypto, text, signer ?? key, what).checkpoint };
}

/** None of what is no note, which opening it says. */
function signaturesOf(text: string): readonly NoteSignature[] {
  try {
    return parseNote(text).signatures;
  } catch {
    return [];
  }
}

/**
 * What can be said of a kept checkpoint without the records: `settled`, or `open` if only the records can tell.
 *
 * @throws DamageFound
 */
export function compareHeads(sha256: Sha256, one: KeptCheckpoint, current: Checkpoint): 'settled' | 'open' {
  const { label, checkpoint: kept } = one;
  const { size, root, origin } = current;
  if (kept.size > size) {
    const found = `The checkpoint ${label} counts ${kept.size} leaves, that of the export only ${size}.`;
    throw damageAt(null, 'rolled_back', found + ageOf(one, origin), { leaves: { first: size, end: kept.size } });
  }
  if (kept.size === 0 && !bytesEqual(kept.root, hashEmpty(sha256))) throw contradiction(one, origin);
  if (kept.size < size) return kept.size === 0 ? 'settled' : 'open';
  if (bytesEqual(kept.root, root)) return 'settled';
  const found = `The checkpoint ${label} has another root for the same ${size} leaves.`;
  throw damageAt(null, 'forked', found + ageOf(one, origin));
}

/** By the proof in the header. @throws DamageFound if there is none, or it does not hold */
export function checkByProof(
  sha256: Sha256,
  one: KeptCheckpoint,
  current: Checkpoint,
  previous: ExportHeader['previous'],
): void {
  const { label, checkpoint: kept } = one;
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
  if (!isConsistent) throw contradiction(one, current.origin);
}

/** The log, as it is now under `origin`, does not begin with what the kept checkpoint signed. */
export function contradiction(kept: KeptCheckpoint, origin: string): DamageFound {
  const { size } = kept.checkpoint;
  const found = `The first ${size} leaves do not have the root that the checkpoint ${kept.label} signed.`;
  return damageAt(null, 'inconsistent_history', found + ageOf(kept, origin), { leaves: { first: 0, end: size } });
}

function ageOf({ checkpoint }: KeptCheckpoint, origin: string): string {
  return checkpoint.origin === origin ? '' : ' It is of the log before its new beginning, which does not continue it.';
}
