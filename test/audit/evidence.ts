import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type postgres from 'postgres';
import { afterAll, expect } from 'vitest';
import { logIdOf } from '../../src/audit/events/append.ts';
import { type Evidence, openEvidence } from '../../src/audit/evidence.ts';
import { drainForRead } from '../../src/audit/sequencer/drain.ts';
import type { Database } from '../../src/db/connection.ts';
import type { WorkspaceId } from '../../src/lib/ids.ts';
import type { Logger } from '../../src/telemetry/logger.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { appendAll, deps, newEvent, range, storedLeaves } from './log.ts';

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

/** Adds plain events to a log, which wait for their place. */
export const addEvents = (db: Database, workspaceId: WorkspaceId | null, count: number) =>
  appendAll(db, ...range(count).map(() => newEvent(workspaceId)));

/** Why nothing is signed for a log any more; null as long as it is. */
export async function haltReasonOf(db: Database, workspaceId: WorkspaceId): Promise<string | null> {
  const [row] = await db.$client<{ halt_reason: string | null }[]>`
    select halt_reason from audit_logs where id = ${logIdOf(workspaceId)}`;
  return row?.halt_reason ?? null;
}

/** Places what waits and has all of it signed. */
export async function signAll({ checkpoints }: Evidence, db: Database, workspaceId: WorkspaceId) {
  const logId = logIdOf(workspaceId);
  return await checkpoints.covering(logId, await drainForRead(db, logId));
}

/** The root of the first `size` leaves, computed from the hashes of the leaves alone. */
export async function naiveRoot(db: Database, workspaceId: WorkspaceId, size: number): Promise<Buffer> {
  const rows = await db.$client<{ hash: Buffer }[]>`
    select hash from audit_leaves where log_id = ${logIdOf(workspaceId)} and leaf_index < ${size} order by leaf_index`;
  if (rows.length !== size) throw new Error(`a log of ${rows.length} leaves instead of ${size}`);
  return treeHash(rows.map(({ hash }) => hash));
}

/** MTH of RFC 6962, word for word, over leaf hashes. */
function treeHash(hashes: readonly Buffer[]): Buffer {
  const [first] = hashes;
  if (first === undefined) return digest(Buffer.of());
  if (hashes.length === 1) return first;
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  return digest(Buffer.concat([Buffer.of(1), treeHash(hashes.slice(0, k)), treeHash(hashes.slice(k))]));
}

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest();

/** Gives a log that is empty `size` leaves, as a version without tiles would have left them. */
export async function fillLog(owner: postgres.Sql, workspaceId: WorkspaceId, size: number): Promise<void> {
  const logId = logIdOf(workspaceId);
  await owner`
    with head as (insert into audit_logs (id, size, logged_at) values (${logId}, ${size}, now()))
    insert into audit_leaves (log_id, leaf_index, event_id, hash, environment, action, outcome, actor_id, occurred_at,
      logged_at)
    select ${logId}, n, gen_random_uuid(), sha256(('leaf ' || n)::bytea), 'live', 'token.created', 'success', 'system',
      now(), now()
    from generate_series(0, ${size - 1}::int) as n`;
}

/** Checkpoints of all generations, the oldest first. */
export async function storedCheckpoints(db: Database, workspaceId: WorkspaceId) {
  const rows = await db.$client<{ generation: number; size: string; root: Buffer; note: string }[]>`
    select generation, size, root, note from audit_checkpoints where log_id = ${logIdOf(workspaceId)}
    order by generation, size`;
  return rows.map(({ size, ...row }) => ({ ...row, size: Number(size) }));
}

/** Whether every checkpoint that was ever stored is of the one history that the log has. */
export async function expectOneHistory(db: Database, workspaceId: WorkspaceId): Promise<void> {
  const leaves = await storedLeaves(db, workspaceId);
  expect(leaves.map(({ leafIndex }) => leafIndex)).toEqual(range(leaves.length));
  expect(new Set(leaves.map(({ eventId }) => eventId)).size).toBe(leaves.length);
  for (const { size, root } of await storedCheckpoints(db, workspaceId)) {
    expect(root).toEqual(await naiveRoot(db, workspaceId, size));
  }
}
