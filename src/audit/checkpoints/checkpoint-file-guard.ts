import type { Logger } from '../../telemetry/logger.ts';
import { type Checkpoint, openCheckpoint, parseCheckpoint } from '../core/checkpoint.ts';
import { NoteError, parseNote } from '../core/note.ts';
import type { VerifierKey } from '../core/verifier-key.ts';
import { verifyEd25519 } from '../hashing.ts';
import type { CheckpointFiles } from './checkpoint-file.ts';
import { generationOfOrigin } from './log-key.ts';
import type { SigningGuard } from './signing-guard.ts';

/**
 * Compares what is to be signed with the last checkpoint that this machine has on disk, and puts the new one in its
 * place before the database has it. So a database that was restored from a backup, or whose log was written anew, is
 * noticed, however consistent it is in itself. A file of an earlier generation says nothing about this one.
 *
 * Where the directory cannot be written, as in a container with a read-only file system, that is logged once and the log
 * is signed without: then only witnesses would notice. A file that is there and cannot be read holds the log up.
 */
export function createFileGuard(files: CheckpointFiles, logger: Logger): SigningGuard {
  let hasComplained = false;

  function complain(error: unknown): void {
    if (!hasComplained) logger.log('warn', 'audit.checkpoint_file_failed', { err: error });
    hasComplained = true;
  }

  /**
   * Undefined as well for a file that is no checkpoint: it says no more than one that is gone. Throws for one that cannot
   * be read: until it can, nothing is signed.
   */
  async function readKept(
    logId: string,
  ): Promise<{ readonly text: string; readonly checkpoint: Checkpoint } | undefined> {
    const text = await files.read(logId);
    if (text === undefined) return undefined;
    try {
      return { text, checkpoint: parseCheckpoint(parseNote(text).text) };
    } catch (error) {
      if (!(error instanceof NoteError)) throw error;
      complain(error);
      return undefined;
    }
  }

  return {
    async beforeSigning({ logId, generation, verifier }, next, _last, rootAt) {
      const found = await readKept(logId);
      if (found === undefined) return undefined;
      const kept = found.checkpoint;
      if ((generationOfOrigin(kept.origin, logId) ?? generation) < generation) return undefined;
      if (!isSignedBy(verifier, found.text)) {
        return 'The last checkpoint on the disk of this machine was signed by another key: this is not the database it was signed for, or one from before that.';
      }
      if (kept.size > next.size) {
        return `This database is older than the last checkpoint on the disk of this machine: it has ${next.size} events, the checkpoint ${kept.size}.`;
      }
      if (!(await rootAt(kept.size)).equals(kept.root)) {
        return `This database has other events than the last checkpoint on the disk of this machine, among the first ${kept.size}: it was restored and went on from there, or changed.`;
      }
      return undefined;
    },
    async lastGeneration(logId) {
      const found = await readKept(logId);
      return found && generationOfOrigin(found.checkpoint.origin, logId);
    },
    async afterSigning({ logId, note }) {
      try {
        // On disk before the row is stored. The other way round a crash between the two would leave a checkpoint that may
        // be served, and that a restored database would be free to contradict.
        await files.write(logId, note);
        hasComplained = false;
      } catch (error) {
        complain(error);
      }
    },
  };
}

function isSignedBy(key: VerifierKey, text: string): boolean {
  try {
    openCheckpoint({ verify: verifyEd25519 }, text, key);
    return true;
  } catch (error) {
    if (error instanceof NoteError) return false;
    throw error;
  }
}
