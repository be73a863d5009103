import type postgres from 'postgres';
import { afterAll } from 'vitest';
import { logIdOf } from '../../../src/audit/events/append.ts';
import type { NewEvent } from '../../../src/audit/events/event.ts';
import type { Evidence } from '../../../src/audit/evidence.ts';
import { beginExport } from '../../../src/audit/export/begin.ts';
import { formatNdjson } from '../../../src/audit/export/ndjson.ts';
import type { ExportRequest } from '../../../src/audit/export/scope.ts';
import { drainForRead } from '../../../src/audit/sequencer/drain.ts';
import { connect, inTransaction } from '../../../src/db/connection.ts';
import type { WorkspaceId } from '../../../src/lib/ids.ts';
import { verifyLogs } from '../../../src/operator/audit-verify.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createWorkspace } from '../../support/workspaces.ts';
import { openTestEvidence, signAll } from '../evidence.ts';
import { appendAll, deps, newEvent, openTestPool, range } from '../log.ts';

const database = await createTestDatabase();

export const db = openTestPool(database.app);
export const evidence = openTestEvidence(db);
const owner = connect(database.owner, { max: 1 });
afterAll(() => owner.end());

const TABLES = [
  'audit_logs',
  'audit_events',
  'audit_leaves',
  'audit_private',
  'audit_erasures',
  'audit_targets',
  'audit_sources',
  'audit_words',
  'audit_tiles',
  'audit_checkpoints',
  'audit_log_keys',
];

/** Does to the database what only somebody who owns it can: with every trigger out of the way. */
export async function tamper(change: (sql: postgres.TransactionSql) => Promise<unknown>): Promise<void> {
  await owner.begin(async (sql) => {
    for (const table of TABLES) await sql`alter table ${sql(table)} disable trigger user`;
    await change(sql);
    for (const table of TABLES) await sql`alter table ${sql(table)} enable trigger user`;
  });
}

export interface TamperedLog {
  readonly workspaceId: WorkspaceId;
  readonly logId: string;
  /** As its owner noted it. */
  readonly verifierKey: string;
}

let made = 0;

/** A log with this many leaves, with a checkpoint of each of these sizes. */
export async function newLog(size: number, signedAt: readonly number[] = [size]): Promise<TamperedLog> {
  made += 1;
  const request = { id: 'test', method: 'CLI', route: 'test', ip: null, userAgent: null };
  const { id: workspaceId } = await createWorkspace({ ...deps, db }, request, `tampered-${made}`);
  const logId = logIdOf(workspaceId);
  // The workspace is an event too.
  let count = (await signAll(evidence, db, workspaceId)).size;
  for (const at of [...signedAt, size]) {
    const events = range(at - count).map(() => anEvent(workspaceId));
    if (events.length > 0) await appendAll(db, ...events);
    count = at;
    if (signedAt.includes(at)) await signAll(evidence, db, workspaceId);
  }
  await drainForRead(db, logId);
  const key = await evidence.logKeys.find(db, logId);
  return { workspaceId, logId, verifierKey: key?.verifierKey ?? '' };
}

export function anEvent(workspaceId: WorkspaceId, parts: Partial<NewEvent> = {}): NewEvent {
  return newEvent(workspaceId, { changes: [{ field: 'name', old: 'a', new: 'b', isPersonal: true }], ...parts });
}

/** The code of what is found in the database, or null; and all of it. */
export async function verifyLive(
  { workspaceId }: Pick<TamperedLog, 'workspaceId'>,
  previous: readonly string[] = [],
  by: Evidence = evidence,
) {
  const choice = { workspace: workspaceId, previous };
  const session = { ...by, db };
  const { logs } = await verifyLogs(session, choice, { signal: new AbortController().signal, onProgress: () => {} });
  const [log] = logs;
  if (log === undefined) throw new Error('no log was verified');
  return log;
}

/** Halts the log and lets it begin anew, as an operator does. */
export async function reopen({ logId }: Pick<TamperedLog, 'logId'>, by: Evidence = evidence): Promise<string> {
  await db.$client`update audit_logs set halt_reason = 'It was restored.' where id = ${logId}`;
  const { key } = await inTransaction(db, (tx) => by.checkpoints.reopen(tx, logId));
  return key.verifierKey;
}

/** The lines of a real export. */
export async function exportLines(
  { workspaceId }: Pick<TamperedLog, 'workspaceId'>,
  request: Partial<ExportRequest> = {},
  by: Evidence = evidence,
): Promise<string[]> {
  const exporter = {
    actor: { type: 'system', id: null, name: null },
    request: { id: 'req', method: 'CLI', route: 'audit export', ip: null, userAgent: null },
  } as const;
  const full = { workspaceId, environment: null, filters: {}, format: 'ndjson', ...request } as const;
  const begun = await beginExport({ ...by, ...deps, db }, full, exporter);
  const pieces: Buffer[] = [];
  for await (const piece of formatNdjson(begun)) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8').split('\n').slice(0, -1);
}
