import type { Database } from '../db/connection.ts';
import type { IdSource } from '../lib/ids.ts';
import type { Logger } from '../telemetry/logger.ts';
import { openCheckpointFiles } from './checkpoint-file.ts';
import { createFileGuard } from './checkpoint-file-guard.ts';
import { type Checkpoints, createCheckpoints } from './checkpoints.ts';
import { createLogKeys, type LogKeys } from './log-key.ts';

/** What makes the logs evidence: the keys they sign with, and what was signed. */
export interface Evidence {
  readonly logKeys: LogKeys;
  readonly checkpoints: Checkpoints;
}

export interface EvidenceOptions extends IdSource {
  readonly db: Database;
  readonly logger: Logger;
  /** 32 bytes, derived from the master key for this purpose. */
  readonly wrappingKey: Uint8Array;
  readonly publicUrl: string;
  readonly dataDir: string;
}

/** Put together alike in every process that may sign: what one of them refuses to sign, no other may. */
export function openEvidence({ db, logger, wrappingKey, publicUrl, dataDir, ...ids }: EvidenceOptions): Evidence {
  const logKeys = createLogKeys({ ...ids, wrappingKey, publicUrl });
  const guards = [createFileGuard(openCheckpointFiles(dataDir, ids.random), logger)];
  return { logKeys, checkpoints: createCheckpoints({ db, logger, logKeys, guards, clock: ids.clock }) };
}
