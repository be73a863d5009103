import type { Witness } from '../config/witnesses.ts';
import type { Database } from '../db/connection.ts';
import type { IdSource } from '../lib/ids.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type CheckpointFiles, openCheckpointFiles } from './checkpoints/checkpoint-file.ts';
import { createFileGuard } from './checkpoints/checkpoint-file-guard.ts';
import { type Checkpoints, createCheckpoints } from './checkpoints/checkpoints.ts';
import { createLogKeys, type LogKeys } from './checkpoints/log-key.ts';
import { createWitnesses, type Witnesses } from './witness/witnesses.ts';

/** What makes the logs evidence: the keys they sign with, and what was signed. */
export interface Evidence {
  readonly logKeys: LogKeys;
  readonly checkpoints: Checkpoints;
  /** What this machine remembers of it outside of the database. */
  readonly checkpointFiles: CheckpointFiles;
}

/** With those who watch over it: to be stopped at the end, and started where checkpoints are stored all the time. */
export interface WatchedEvidence extends Evidence {
  readonly witnesses: Witnesses;
}

export interface EvidenceOptions extends IdSource {
  readonly db: Database;
  readonly logger: Logger;
  /** 32 bytes, derived from the master key for this purpose. */
  readonly wrappingKey: Uint8Array;
  readonly publicUrl: string;
  readonly dataDir: string;
  /** As in the configuration. */
  readonly witnesses: readonly Witness[];
}

/** Put together alike in every process that may sign: what one of them refuses to sign, no other may. */
export function openEvidence(options: EvidenceOptions): WatchedEvidence {
  const { db, logger, wrappingKey, publicUrl, dataDir, clock, random } = options;
  const logKeys = createLogKeys({ clock, random, wrappingKey, publicUrl });
  const witnesses = createWitnesses({ db, logger, clock, witnesses: options.witnesses });
  const checkpointFiles = openCheckpointFiles(dataDir, random);
  const guards = [createFileGuard(checkpointFiles, logger), witnesses.guard];
  return {
    logKeys,
    checkpointFiles,
    witnesses,
    checkpoints: createCheckpoints({ db, logger, logKeys, guards, clock }),
  };
}
