import type { Witness } from '../../config/witnesses.ts';
import type { Database } from '../../db/connection.ts';
import type { Clock } from '../../lib/clock.ts';
import type { StoredCheckpoint } from '../checkpoints/checkpoint-store.ts';
import { toBase64 } from '../core/base64.ts';
import { formatCheckpoint } from '../core/checkpoint.ts';
import { NoteError } from '../core/note.ts';
import { proveConsistency, rootAt } from '../core/proof.ts';
import { sha256 } from '../hashing.ts';
import { nodeReader } from '../sequencer/tree.ts';
import { failed, openLine, type Problem, readAnswer } from './answer.ts';
import type { Channel } from './channel.ts';
import { selectCosignedSize, selectKnownSize } from './cosignature-store.ts';

/** What came of offering a checkpoint to a witness. */
export type Outcome =
  | { readonly kind: 'cosigned'; readonly line: string }
  /** It has cosigned a larger one of ours meanwhile. */
  | { readonly kind: 'superseded' }
  /** It has seen what this database does not have. `reason` is a sentence for people. */
  | { readonly kind: 'diverged'; readonly reason: string }
  | { readonly kind: 'failed'; readonly problem: Problem };

export interface SubmitDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly witness: Witness;
  readonly channel: Channel;
}

/** A witness that many replicas talk to may be at another size each time it is asked. */
const MOST_REQUESTS = 5;

/**
 * Offers a stored checkpoint to a witness, c2sp.org/tlog-witness: says what the witness should have seen last, and proves
 * that the log went on from there. A witness that has seen something else names its size, and gets a proof from that.
 *
 * Whatever it can have seen was stored before it was sent, so a size of which no checkpoint is stored, looked up after the
 * answer, is one that this database has lost.
 */
export async function submit(deps: SubmitDeps, checkpoint: StoredCheckpoint): Promise<Outcome> {
  const { db, clock, witness, channel } = deps;
  let oldSize = await selectCosignedSize(db, checkpoint, witness.key.name);
  let isRootRefused = false;
  for (let request = 0; request < MOST_REQUESTS; request += 1) {
    const exchange = await channel.post(formatRequest(oldSize, await prove(db, checkpoint, oldSize), checkpoint.note));
    const reading = readAnswer(exchange, { witness, checkpoint, now: clock.now() });
    if (reading.kind === 'cosigned' || reading.kind === 'failed') return reading;
    if (reading.kind === 'proof_refused') {
      // Every log goes on from nothing, without a proof.
      return oldSize === 0 ? failed('proof_refused') : await judgeDenial(deps, checkpoint, oldSize);
    }
    if (reading.kind === 'conflict') {
      // It may be the root that it means. Asked from nothing it has to name its size.
      if (oldSize === 0 || oldSize < checkpoint.size || isRootRefused) return failed('malformed');
      isRootRefused = true;
      oldSize = 0;
    } else {
      const { size } = reading;
      const { isStored } = await selectKnownSize(db, checkpoint, size, witness.key.name);
      if (size > 0 && !isStored) return { kind: 'diverged', reason: lossOf(witness, size) };
      if (size > checkpoint.size) return { kind: 'superseded' };
      const isOfRoot = size === checkpoint.size && (isRootRefused || size === oldSize);
      if (isOfRoot) return await judgeDenial(deps, checkpoint, size);
      if (size === oldSize) return failed('contradictory');
      oldSize = size;
    }
  }
  return failed('contradictory');
}

/**
 * The body of an add-checkpoint request:
 *
 *     old 20852014
 *     PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
 *     (…one line for each hash of the proof)
 *
 *     example.com/behind-the-sofa
 *     (…the signed checkpoint)
 */
export function formatRequest(oldSize: number, proof: readonly Uint8Array[], note: string): string {
  const lines = [`old ${oldSize}`, ...proof.map(toBase64), ''];
  return `${lines.join('\n')}\n${note}`;
}

/** Empty from nothing, and from the same size. */
function prove(db: Database, { logId, size }: StoredCheckpoint, oldSize: number): Promise<Uint8Array[]> {
  return proveConsistency(sha256, nodeReader(db, logId, size), oldSize, size);
}

/**
 * The witness denies that the first `size` events are those it has seen. It is believed, unless this database holds its
 * own signature to the contrary.
 */
async function judgeDenial({ db, witness }: SubmitDeps, checkpoint: StoredCheckpoint, size: number): Promise<Outcome> {
  const { logId, origin } = checkpoint;
  const { cosignature } = await selectKnownSize(db, checkpoint, size, witness.key.name);
  if (cosignature !== undefined) {
    const root = await rootAt(sha256, nodeReader(db, logId, checkpoint.size), size);
    if (isOver(formatCheckpoint({ origin, size, root }), cosignature, witness)) return failed('contradictory');
  }
  return { kind: 'diverged', reason: changeOf(witness, size) };
}

function isOver(body: string, cosignature: string, witness: Witness): boolean {
  try {
    openLine(body, cosignature, witness);
    return true;
  } catch (error) {
    if (error instanceof NoteError) return false;
    throw error;
  }
}

function lossOf({ key }: Witness, size: number): string {
  return `The witness ${key.name} has seen a checkpoint of ${size} events that this database does not have: it was restored from an older backup.`;
}

function changeOf({ key }: Witness, size: number): string {
  return `The witness ${key.name} has seen other events than this database has, among the first ${size}: the log was changed, or restored and continued.`;
}
