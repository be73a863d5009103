import { fromBase64, toBase64 } from './base64.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import { isHash, type Sha256 } from './hash.ts';
import { type Note, NoteError, parseNote } from './note.ts';
import { verifyInclusion } from './proof.ts';
import { assertSize, parseSize } from './size.ts';
import type { VerifierKey, VerifyEd25519 } from './verifier-key.ts';

/**
 * Proofs that stand for themselves, c2sp.org/tlog-proof: that an entry is in a log, to be checked offline with the log's
 * verifier key and the entry.
 *
 *     c2sp.org/tlog-proof@v1
 *     extra ZXZ0XzAxaHgyeQ==
 *     index 2
 *     <hash of the leaf's sibling, in base64>
 *     <one more for each level, up to the child of the root>
 *
 *     example.com/log
 *     5
 *     <root, in base64>
 *
 *     — example.com/log <signature>
 *     — witness.example.com/w1 <cosignature>
 *
 * The line `extra` is there if there are such bytes, here at most 65,535; what they mean is the application's, and nothing
 * vouches for them. After the hashes and an empty line the checkpoint follows as it was published.
 */
export interface TlogProof {
  readonly extra?: Uint8Array;
  readonly index: number;
  /** The inclusion proof, the lowest hash first. */
  readonly path: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: string;
}

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';
/** No tree of 2^53 - 1 leaves is higher. */
const MAX_PATH_LENGTH = 53;
const MAX_EXTRA_BYTES = 65_535;

/** Throws a RangeError or a NoteError for what `parseTlogProof` would refuse. */
export function formatTlogProof({ extra, index, path, checkpoint }: TlogProof): string {
  assertSize(index);
  if (path.length > MAX_PATH_LENGTH || !path.every(isHash)) throw new RangeError('a path has hashes, at most 53');
  if (extra !== undefined && extra.length > MAX_EXTRA_BYTES) throw new RangeError(`${extra.length} extra bytes`);
  parseNote(checkpoint);
  const extraLines = extra === undefined || extra.length === 0 ? [] : [`extra ${toBase64(extra)}`];
  const lines = [FIRST_LINE, ...extraLines, `index ${index}`, ...path.map(toBase64)];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/** Throws a NoteError (`malformed`) unless `formatTlogProof` makes this very text. Proves nothing yet. */
export function parseTlogProof(text: string): TlogProof {
  const split = text.indexOf('\n\n');
  if (split === -1) throw malformed('no empty line ends its hashes');
  const [first, ...lines] = text.slice(0, split).split('\n');
  if (first !== FIRST_LINE) throw malformed(`its first line is not ${FIRST_LINE}`);
  const extra = lines[0]?.startsWith('extra ') ? parseExtra(lines.shift()) : undefined;
  const indexLine = lines.shift() ?? '';
  const index = indexLine.startsWith('index ') ? parseSize(indexLine.slice('index '.length)) : undefined;
  if (index === undefined) throw malformed('the line with the index is missing');
  if (lines.length > MAX_PATH_LENGTH) throw malformed(`it has more than ${MAX_PATH_LENGTH} hashes`);
  const path = lines.map(parseHash);
  const checkpoint = text.slice(split + 2);
  parseNote(checkpoint);
  return { ...(extra && { extra }), index, path, checkpoint };
}

/**
 * Checks that the entry with `leafHash` is at the proof's index in the log whose key is `key`, and gives back that index
 * with the checkpoint; cosignatures in the note are for `openCosignature`. Throws a NoteError that says what is not so.
 */
export function verifyTlogProof(
  crypto: { readonly sha256: Sha256; readonly verify: VerifyEd25519 },
  text: string,
  leafHash: Uint8Array,
  key: VerifierKey,
): { index: number; checkpoint: Checkpoint; note: Note } {
  const proof = parseTlogProof(text);
  const { checkpoint, note } = openCheckpoint(crypto, proof.checkpoint, key);
  const { size, root } = checkpoint;
  if (!verifyInclusion(crypto.sha256, { index: proof.index, size, leafHash, root, proof: proof.path })) {
    throw new NoteError('not_included', `The proof does not show the entry at index ${proof.index} of ${size}.`);
  }
  return { index: proof.index, checkpoint, note };
}

function parseExtra(line = ''): Uint8Array {
  const extra = fromBase64(line.slice('extra '.length));
  if (extra === undefined || extra.length === 0 || extra.length > MAX_EXTRA_BYTES) {
    throw malformed(`its extra data are not the base64 of 1 to ${MAX_EXTRA_BYTES} bytes`);
  }
  return extra;
}

function parseHash(line: string): Uint8Array {
  const hash = fromBase64(line);
  if (hash === undefined || !isHash(hash)) throw malformed('a line is not the base64 of a hash');
  return hash;
}

function malformed(reason: string): NoteError {
  return new NoteError('malformed', `This is no proof of the form ${FIRST_LINE}: ${reason}.`);
}
