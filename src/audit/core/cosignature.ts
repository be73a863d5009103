import { utf8 } from './base64.ts';
import type { Note } from './note.ts';
import { badSignature, signaturesBy } from './open-note.ts';
import { assertSize } from './size.ts';
import type { VerifierKey, VerifyEd25519 } from './verifier-key.ts';

/**
 * Cosignatures, c2sp.org/tlog-cosignature, of the Ed25519 kind: a witness states that at some time a checkpoint was the
 * largest it had seen of that log, and went on from all it had seen before. It is one more signature line of the note,
 *
 *     — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
 *
 * whose signature is the time, as big-endian uint64 of seconds since 1970, and 64 bytes of Ed25519 over
 *
 *     cosignature/v1
 *     time 1679315147
 *     example.com/behind-the-sofa
 *     20852163
 *     CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
 *
 * that is, two lines and the text of the note. The key is one of type 0x04, see `verifier-key.ts`.
 */
export interface Cosignature {
  /** The name of the witness's key. */
  readonly witness: string;
  /** In seconds since 1970, as the witness's clock had it. */
  readonly timestamp: number;
}

const TIMESTAMP_BYTES = 8;
const ED25519_BYTES = 64;

/** What a witness signs. `body` is the text of the checkpoint's note. Throws a RangeError for what is no time. */
export function cosignedMessage(timestampSeconds: number, body: string): Uint8Array {
  assertSize(timestampSeconds);
  return utf8(`cosignature/v1\ntime ${timestampSeconds}\n${body}`);
}

/**
 * The cosignature in a note by the witness with `key`, once every line that claims to be by it was found to be; the
 * latest, if there are several. Throws a NoteError: `wrong_name`, `unknown_key` or `bad_signature`. Whether the time is
 * too old, or yet to come, is for the caller to say.
 */
export function openCosignature(
  { verify }: { readonly verify: VerifyEd25519 },
  note: Note,
  key: VerifierKey,
): Cosignature {
  const timestamps = signaturesBy(note, key, 'cosignature').map(({ signature }) => {
    const timestamp = timestampOf(signature);
    if (timestamp === undefined) throw badSignature(key);
    const message = cosignedMessage(timestamp, note.text);
    if (!verify(key.publicKey, message, signature.subarray(TIMESTAMP_BYTES))) throw badSignature(key);
    return timestamp;
  });
  return { witness: key.name, timestamp: Math.max(...timestamps) };
}

function timestampOf(signature: Uint8Array): number | undefined {
  if (signature.length !== TIMESTAMP_BYTES + ED25519_BYTES) return undefined;
  const timestamp = Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0));
  return Number.isSafeInteger(timestamp) ? timestamp : undefined;
}
