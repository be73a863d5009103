import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { logIdOf } from '../../src/audit/append.ts';
import { rootOfLeaves } from '../../src/audit/core/tree.ts';
import { drainForRead } from '../../src/audit/drain.ts';
import { type Evidence, openEvidence } from '../../src/audit/evidence.ts';
import { sha256 } from '../../src/audit/hashing.ts';
import type { Database } from '../../src/db/connection.ts';
import type { WorkspaceId } from '../../src/lib/ids.ts';
import type { Logger } from '../../src/telemetry/logger.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { deps } from './log.ts';

export const WRAPPING_KEY = Buffer.alloc(32, 11);
export const PUBLIC_URL = 'https://tooken.example.com';

interface Parts {
  readonly wrappingKey?: Uint8Array;
  readonly publicUrl?: string;
  readonly dataDir?: string;
  readonly logger?: Logger;
}

/** A directory that is removed when the file ends. */
export function scratchDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'tooken-evidence-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** What a replica signs with, with a data directory of its own unless one is given. */
export function openTestEvidence(db: Database, parts: Parts = {}): Evidence & { readonly dataDir: string } {
  const {
    dataDir = scratchDirectory(),
    logger = silentLogger,
    wrappingKey = WRAPPING_KEY,
    publicUrl = PUBLIC_URL,
  } = parts;
  return { ...openEvidence({ ...deps, db, logger, wrappingKey, publicUrl, dataDir, witnesses: [] }), dataDir };
}

/** Places what waits and has all of it signed. */
export async function signAll({ checkpoints }: Evidence, db: Database, workspaceId: WorkspaceId) {
  const logId = logIdOf(workspaceId);
  return await checkpoints.covering(logId, await drainForRead(db, logId));
}

/** The root of the first `size` leaves, computed from the bytes of the events alone. */
export async function naiveRoot(db: Database, workspaceId: WorkspaceId, size: number): Promise<Buffer> {
  const rows = await db.$client<{ leaf: Buffer }[]>`
    select leaf from audit_leaves join audit_events on audit_events.id = event_id
    where audit_leaves.log_id = ${logIdOf(workspaceId)} and leaf_index < ${size} order by leaf_index`;
  if (rows.length !== size) throw new Error(`a log of ${rows.length} leaves instead of ${size}`);
  const hashes = rows.map(({ leaf }) => sha256(Buffer.concat([Buffer.of(0), leaf])));
  return Buffer.from(rootOfLeaves(sha256, hashes));
}
