import { NoteError } from '../../../src/audit/core/note.ts';

/** The code with which `run` refuses a note; undefined if it does not. */
export function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof NoteError) return error.code;
    throw error;
  }
  return undefined;
}
