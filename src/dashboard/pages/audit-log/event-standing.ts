import type { StoredCheckpoint } from '../../../audit/checkpoints/checkpoint-store.ts';
import { servedNote } from '../../../audit/checkpoints/checkpoints.ts';
import type { PublicLogKey } from '../../../audit/checkpoints/log-key.ts';
import { parseNote } from '../../../audit/core/note.ts';
import { logIdOf } from '../../../audit/events/append.ts';
import { sizeForRead } from '../../../audit/queries/read.ts';
import type { Visit } from '../../kernel/visit.ts';

/** How far the log is, and what is signed of it. */
export interface LogStanding {
  readonly size: number;
  /** Undefined before the first. */
  readonly checkpoint: StoredCheckpoint | undefined;
  /** Undefined before the first checkpoint. */
  readonly key: PublicLogKey | undefined;
  readonly cosigners: readonly Cosigner[];
  /** Whether no more are signed. */
  readonly isHalted: boolean;
}

/** A witness, and when it says that it saw the checkpoint; its signature is not looked at. */
interface Cosigner {
  readonly name: string;
  readonly at: Date | undefined;
}

export async function readStanding({ services, caller }: Visit): Promise<LogStanding> {
  const { db, checkpoints, logKeys } = services;
  const { workspaceId } = caller.principal;
  const logId = logIdOf(workspaceId);
  const size = await sizeForRead(db, { workspaceId });
  const [checkpoint, [key], isHalted] = await Promise.all([
    checkpoints.latest(logId),
    logKeys.own(db, logId),
    checkpoints.isHalted(logId),
  ]);
  return { size, checkpoint, key, isHalted, cosigners: checkpoint === undefined ? [] : cosignersOf(checkpoint) };
}

function cosignersOf(checkpoint: StoredCheckpoint): Cosigner[] {
  return parseNote(servedNote(checkpoint))
    .signatures.filter(({ name }) => name !== checkpoint.origin)
    .map(({ name, signature }) => ({ name, at: timeOf(signature) }));
}

/** c2sp.org/tlog-cosignature: eight bytes of time stand before the signature. */
function timeOf(signature: Uint8Array): Date | undefined {
  if (signature.length < 8) return undefined;
  const at = new Date(1000 * Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0)));
  return Number.isNaN(at.getTime()) ? undefined : at;
}
