import { openCosignature } from '../audit/core/cosignature.ts';
import { hashLeaf } from '../audit/core/hash.ts';
import { NoteError, type NoteErrorCode } from '../audit/core/note.ts';
import { parseTlogProof, verifyTlogProof } from '../audit/core/tlog-proof.ts';
import type { VerifierKey } from '../audit/core/verifier-key.ts';
import { sha256, verifyEd25519 } from '../audit/hashing.ts';
import { decodeUtf8 } from '../lib/encoding.ts';
import { ServiceError } from '../lib/errors.ts';
import { readSmallFile } from './export-source.ts';
import { instantOf } from './instants.ts';
import { readVerifierKey, readWitnessKeys } from './verifier-keys.ts';

/** Which proof to verify, and by what: the keys come from outside the proof. */
export interface ProofChoice {
  /** A file with a c2sp.org/tlog-proof@v1 whose extra data are the leaf. */
  readonly path: string;
  /** Verifier keys (C2SP signed-note). */
  readonly key: string;
  /** Each has to have cosigned. */
  readonly witnesses: readonly string[];
}

/** How the verification of a proof went. */
export interface ProofVerdictView {
  readonly holds: boolean;
  /** Why it does not hold. The code is stable: scripts may rely on it. */
  readonly failure: { readonly code: NoteErrorCode; readonly reason: string } | null;
  readonly leaf_index: number | null;
  /** What the log holds of the event, as text: canonical JSON. Null unless the proof holds, for then it is nobody's. */
  readonly leaf: string | null;
  readonly checkpoint: { readonly origin: string; readonly size: number; readonly root: string } | null;
  readonly cosignatures: readonly { readonly witness: string; readonly cosigned_at: string }[];
}

const crypto = { sha256, verify: verifyEd25519 };

/**
 * Verifies the proof of one event without asking anybody: no network, no service, no database, no environment.
 *
 * @throws ServiceError `invalid_request` if the file cannot be read or proves no event, or a key is none
 */
export async function verifyProof(choice: ProofChoice): Promise<ProofVerdictView> {
  const key = readVerifierKey(choice.key, '--key', 'ed25519');
  const witnesses = readWitnessKeys(choice.witnesses);
  const text = await readSmallFile(choice.path);
  try {
    return verdictOn(text, key, witnesses);
  } catch (error) {
    if (!(error instanceof NoteError)) throw error;
    const failure = { code: error.code, reason: error.message };
    return { holds: false, failure, leaf_index: null, leaf: null, checkpoint: null, cosignatures: [] };
  }
}

/** @throws NoteError for what does not hold */
function verdictOn(text: string, key: VerifierKey, witnesses: readonly VerifierKey[]): ProofVerdictView {
  const { extra } = parseTlogProof(text);
  const leaf = extra && decodeUtf8(extra);
  if (extra === undefined || leaf === undefined) {
    throw new ServiceError('invalid_request', {
      message: 'The proof does not bring its event along: the line "extra" is missing, or is no text.',
    });
  }
  const { index, checkpoint, note } = verifyTlogProof(crypto, text, hashLeaf(sha256, extra), key);
  const cosignatures = witnesses.map((witness) => openCosignature(crypto, note, witness));
  return {
    holds: true,
    failure: null,
    leaf_index: index,
    leaf,
    checkpoint: { ...checkpoint, root: Buffer.from(checkpoint.root).toString('base64') },
    cosignatures: cosignatures.map(({ witness, timestamp }) => ({ witness, cosigned_at: instantOf(timestamp) })),
  };
}
