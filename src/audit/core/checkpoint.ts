import { fromBase64, toBase64 } from './base64.ts';
import { isHash } from './hash.ts';
import { type Note, NoteError } from './note.ts';
import { openNote } from './open-note.ts';
import { assertSize, parseSize } from './size.ts';
import type { VerifierKey, VerifyEd25519 } from './verifier-key.ts';

/**
 * Checkpoints, c2sp.org/tlog-checkpoint: what a log had in it, as the text of a signed note.
 *
 *     example.com/behind-the-sofa
 *     20852163
 *     CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
 *
 *     — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
 *
 * The three lines are the origin, which names the log; the size of its tree in decimal; and the base64 of the tree's
 * root. The format allows further lines, which nobody can check against the tree: logs here write none, and a checkpoint
 * with such lines is refused. A log signs under its origin as the name of its key.
 */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** The text to be signed. Throws a RangeError for what is no checkpoint. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  assertSize(size);
  if (!isOrigin(origin) || !isHash(root)) throw new RangeError('a checkpoint has an origin of one line, and a hash');
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** Throws a NoteError (`malformed`) unless `formatCheckpoint` makes this very text. */
export function parseCheckpoint(body: string): Checkpoint {
  const [origin = '', sizeText = '', rootText = '', end, ...rest] = body.split('\n');
  const size = parseSize(sizeText);
  const root = fromBase64(rootText);
  const isWhole = end === '' && rest.length === 0 && isOrigin(origin);
  if (!isWhole || size === undefined || root === undefined || !isHash(root)) {
    throw new NoteError('malformed', 'This is no checkpoint: expected three lines, an origin, a size and a root hash.');
  }
  return { origin, size, root };
}

/**
 * The checkpoint in a note, once it is known to be the log's: signed by `key`, and of the origin that is its name.
 * Throws a NoteError that says what is not so.
 */
export function openCheckpoint(
  crypto: { readonly verify: VerifyEd25519 },
  text: string,
  key: VerifierKey,
): { checkpoint: Checkpoint; note: Note } {
  const note = openNote(crypto, text, key);
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.origin !== key.name) {
    throw new NoteError('wrong_origin', `Signed by ${key.name}, but a checkpoint of another log.`);
  }
  return { checkpoint, note };
}

function isOrigin(origin: string): boolean {
  return origin !== '' && origin.isWellFormed() && !/\p{Cc}/u.test(origin);
}
