import { openCheckpoint } from '../core/checkpoint.ts';
import { formatNote, NoteError, parseNote } from '../core/note.ts';
import type { VerifierKey } from '../core/verifier-key.ts';
import { verifyEd25519 } from '../hashing.ts';

/**
 * Whether this row says what the log's own key has signed. Whoever can write to the database can write a row; what follows
 * from it is believed for its signature only.
 */
export function isSignedBy(
  key: VerifierKey,
  { note, size, root }: { readonly note: string; readonly size: number; readonly root: Buffer },
): boolean {
  try {
    const { checkpoint } = openCheckpoint({ verify: verifyEd25519 }, note, key);
    return checkpoint.size === size && root.equals(checkpoint.root);
  } catch (error) {
    if (error instanceof NoteError) return false;
    throw error;
  }
}

/** A row of the cosignatures, whoever has written it. */
export interface CosignatureRow {
  readonly witness: string;
  readonly line: string;
}

/**
 * The lines that can stand under a checkpoint of this origin and leave it readable: each is one signature line, of the
 * witness that it is kept for. Whether the witness has made it, whoever trusts that witness sees.
 */
export function servableLines(origin: string, rows: readonly CosignatureRow[]): string[] {
  return rows.filter(({ witness, line }) => witness !== origin && isLineOf(witness, line)).map(({ line }) => line);
}

function isLineOf(witness: string, line: string): boolean {
  try {
    const { signatures } = parseNote(formatNote('\n', [`${line}\n`]));
    return signatures.length === 1 && signatures[0]?.name === witness;
  } catch (error) {
    if (error instanceof NoteError) return false;
    throw error;
  }
}
