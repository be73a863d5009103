import { generationOfOrigin, type LogKeys, type PublicLogKey } from '../audit/checkpoints/log-key.ts';
import { parseCheckpoint } from '../audit/core/checkpoint.ts';
import { damageAt } from '../audit/core/damage.ts';
import { type KeptCheckpoint, openKept } from '../audit/core/kept-checkpoint.ts';
import { NoteError, parseNote } from '../audit/core/note.ts';
import { sha256, verifyEd25519 } from '../audit/hashing.ts';
import type { Database } from '../db/connection.ts';

/** A file with a checkpoint that somebody has kept. */
export interface KeptText {
  readonly label: string;
  readonly text: string;
}

/**
 * Those that are of this log, by the keys of its own that the database has: also those from before it began anew.
 *
 * @throws DamageFound for one that is forged, or of a time of which there is no key
 */
export async function openAllKept(
  { db, logKeys }: { readonly db: Database; readonly logKeys: LogKeys },
  logId: string,
  key: PublicLogKey | undefined,
  { previous, onDisk }: { readonly previous: readonly KeptText[]; readonly onDisk: string | undefined },
): Promise<KeptCheckpoint[]> {
  const present = key?.generation ?? 1;
  const generationOf = (text: string) => generationOfOrigin(originOf(text) ?? '', logId);
  const ours = previous.filter(({ text }) => generationOf(text) !== undefined);
  // The disk has one of the new generation as soon as that has signed anything.
  const isOfNow = onDisk !== undefined && (generationOf(onDisk) ?? present) >= present;
  const texts = isOfNow ? [...ours, { label: 'on the disk of this machine', text: onDisk }] : ours;
  const verifiers = (await logKeys.own(db, logId)).map(({ verifier }) => verifier);
  return texts.map(({ label, text }) => {
    if (key === undefined) {
      throw damageAt(null, 'rolled_back', `The checkpoint ${label} is of a log that has no key now.`);
    }
    const age = (generationOf(text) ?? present) < present ? ', of the log before its new beginning,' : '';
    if (age !== '' && !verifiers.some(({ name }) => name === originOf(text))) {
      const found = `The checkpoint ${label} is from before the log began anew, and the database has no key of that time.`;
      throw damageAt(null, 'unchecked_history', found);
    }
    return openKept({ sha256, verify: verifyEd25519 }, { label: `${label}${age}`, text }, key.verifier, verifiers);
  });
}

/** Undefined for what is no checkpoint. */
export function originOf(text: string): string | undefined {
  try {
    return parseCheckpoint(parseNote(text).text).origin;
  } catch (error) {
    if (error instanceof NoteError) return undefined;
    throw error;
  }
}
