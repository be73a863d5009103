import type { EventProof } from '../audit/checkpoints/prove.ts';

/** The proof of an event as it is handed out, in the names of the API. */
export function proofDocument({ event, leaf, openings, size, hashes, checkpoint, verifierKey, tlogProof }: EventProof) {
  return {
    event,
    leaf_index: event.leaf_index,
    leaf,
    openings,
    proof: { size, hashes: [...hashes] },
    checkpoint,
    verifier_key: verifierKey,
    tlog_proof: tlogProof,
  };
}
