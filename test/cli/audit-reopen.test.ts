import { expect, test } from 'vitest';
import { INSTALLATION_LOG, logIdOf } from '../../src/audit/events/append.ts';
import { drainForRead } from '../../src/audit/sequencer/drain.ts';
import { inTransaction } from '../../src/db/connection.ts';
import type { WorkspaceId } from '../../src/lib/ids.ts';
import { reopenAuditLog } from '../../src/operator/audit-reopen.ts';
import * as log from '../audit/log.ts';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { createWorkspace } from '../support/workspaces.ts';
import { tooken } from './command-line.ts';
import { createSession } from './session.ts';

const database = await createTestDatabase();
const session = createSession(database.app);
const { db, checkpoints, logKeys } = session;
const WHY = 'This database is older than it was. Restore a newer backup.';

/** A workspace whose log has signed something, and is halted. */
async function createHalted(name: string): Promise<WorkspaceId> {
  const { id: workspaceId } = await createWorkspace(session, session.request, name);
  const logId = logIdOf(workspaceId);
  await checkpoints.covering(logId, await drainForRead(db, logId));
  await halt(logId);
  return workspaceId;
}

const halt = (logId: string) => db.$client`update audit_logs set halt_reason = ${WHY} where id = ${logId}`;

async function lastEvent(workspaceId: WorkspaceId) {
  const { events } = await log.query(db, { workspaceId, environment: 'live' });
  return events[0];
}

test('a halted log begins anew, with an event that says from what to what and why', async () => {
  const workspaceId = await createHalted('acme');
  const before = await checkpoints.latest(logIdOf(workspaceId));
  const view = await reopenAuditLog(session, { workspace: 'acme', confirm: async () => {} });
  const origin = `${before?.origin}/2`;
  expect(view).toMatchObject({
    workspace: workspaceId,
    halt_reason: WHY,
    previous_origin: before?.origin,
    origin,
    size: 2,
  });
  expect(view.verifier_key).toBe((await logKeys.find(db, logIdOf(workspaceId)))?.verifierKey);
  expect(await checkpoints.latest(logIdOf(workspaceId))).toMatchObject({ generation: 2, size: 2, origin });
  expect(await lastEvent(workspaceId)).toMatchObject({
    action: 'audit_log.reopened',
    leaf_index: 1,
    targets: [{ type: 'workspace', id: workspaceId }],
    changes: [
      { field: 'origin', old: before?.origin, new: origin },
      { field: 'verifier_key', new: view.verifier_key },
      { field: 'halt_reason', old: WHY, new: null },
    ],
  });
});

test('nothing is done without a confirmation', async () => {
  const workspaceId = await createHalted('unsure');
  const confirm = () => Promise.reject(new Error('no'));
  await expect(reopenAuditLog(session, { workspace: 'unsure', confirm })).rejects.toThrow('no');
  expect(await checkpoints.latest(logIdOf(workspaceId))).toMatchObject({ generation: 1 });
  await expect(checkpoints.covering(logIdOf(workspaceId), 2)).rejects.toMatchObject({ code: 'unavailable' });
});

test('two who reopen at once open one generation', async () => {
  await createHalted('twice');
  const reopen = () => reopenAuditLog(session, { workspace: 'twice', confirm: async () => {} });
  const outcomes = await Promise.allSettled([reopen(), reopen()]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'conflict' } });
});

test('a generation that does not commit leaves the log halted', async () => {
  const workspaceId = await createHalted('rolled back');
  const logId = logIdOf(workspaceId);
  const reopening = inTransaction(db, async (tx) => {
    await checkpoints.reopen(tx, logId);
    throw new Error('not now');
  });
  await expect(reopening).rejects.toThrow('not now');
  expect(await logKeys.find(db, logId)).toMatchObject({ generation: 1 });
  await expect(checkpoints.covering(logId, 2)).rejects.toMatchObject({ code: 'unavailable' });
});

test('the command takes the log of the installation, too, and says what to hand on', { timeout: 30_000 }, async () => {
  await log.appendAll(db, log.newEvent(null));
  await drainForRead(db, INSTALLATION_LOG);
  const masterKey = Buffer.alloc(32, 9).toString('base64');
  const env = { DATABASE_URL: databaseUrl(database.app), TOOKEN_MASTER_KEY: masterKey };
  const sound = await tooken({ env }, 'audit', 'reopen', 'installation', '--yes');
  expect(sound).toMatchObject({ code: 4, stderr: expect.stringContaining('not halted') });

  await halt(INSTALLATION_LOG);
  const reopened = await tooken({ env }, 'audit', 'reopen', 'installation', '--yes', '--json');
  expect(reopened).toMatchObject({ code: 0, stderr: expect.stringContaining('Give the verifier key') });
  expect(JSON.parse(reopened.stdout)).toEqual({
    audit_log: {
      workspace: null,
      halt_reason: WHY,
      previous_origin: null,
      origin: expect.stringMatching(/\/logs\/installation$/),
      verifier_key: expect.stringMatching(/^\S+\/logs\/installation\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{44}$/),
      size: 2,
    },
  });
});
