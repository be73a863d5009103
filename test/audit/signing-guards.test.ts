import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type postgres from 'postgres';
import { describe, expect, test } from 'vitest';
import { createCheckpointPublisher } from '../../src/audit/checkpoints/checkpoint-publisher.ts';
import { INSTALLATION_LOG, logIdOf } from '../../src/audit/events/append.ts';
import { drainForRead } from '../../src/audit/sequencer/drain.ts';
import { connect, inTransaction, openPool } from '../../src/db/connection.ts';
import type { WorkspaceId } from '../../src/lib/ids.ts';
import type { LogEvent } from '../../src/telemetry/events.ts';
import type { LogFields } from '../../src/telemetry/logger.ts';
import { createTestDatabase } from '../support/database.ts';
import { silentLogger } from '../support/silent-logger.ts';
import {
  addEvents,
  expectOneHistory,
  haltReasonOf,
  openTestEvidence,
  scratchDirectory,
  signAll,
  storedCheckpoints,
} from './evidence.ts';
import * as log from './log.ts';

const database = await createTestDatabase();
const db = log.openTestPool(database.app, 6);

/** Changes what is append-only, as somebody can who owns the database. */
async function tamper(change: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const indexes = ['audit_targets', 'audit_sources', 'audit_words'];
  const tables = ['audit_logs', 'audit_leaves', ...indexes, 'audit_tiles', 'audit_log_keys', 'audit_checkpoints'];
  const sql = connect(database.owner, { max: 1 });
  for (const table of tables) await sql`alter table ${sql(table)} disable trigger user`;
  await change(sql);
  for (const table of tables) await sql`alter table ${sql(table)} enable trigger user`;
  await sql.end();
}

function createRecordingLogger() {
  const lines: { readonly event: LogEvent; readonly fields: LogFields | undefined }[] = [];
  const record = (_level: string, event: LogEvent, fields?: LogFields) => void lines.push({ event, fields });
  return { lines, logger: { ...silentLogger, log: record } };
}

describe('a log whose past was changed', () => {
  test.each<[string, number, (sql: postgres.Sql, logId: string) => Promise<unknown>]>([
    [
      'a leaf at the right edge',
      300,
      (sql, logId) => sql`update audit_leaves set hash = sha256('x') where log_id = ${logId} and leaf_index = 299`,
    ],
    [
      'the last leaves, taken out',
      300,
      async (sql, logId) => {
        for (const table of ['audit_leaves', 'audit_targets', 'audit_sources', 'audit_words']) {
          await sql`delete from ${sql(table)} where log_id = ${logId} and leaf_index >= 290`;
        }
        await sql`update audit_logs set size = 290 where id = ${logId}`;
      },
    ],
    [
      'what a full tile hashes to',
      600,
      (sql, logId) => sql`update audit_tiles set root = sha256('x') where log_id = ${logId} and tile_index = 1`,
    ],
    [
      'a full tile within the last node of the edge',
      512 + 128,
      (sql, logId) =>
        sql`update audit_tiles set root = sha256('x') where log_id = ${logId} and level = 0 and tile_index = 0`,
    ],
    [
      'the root of the last checkpoint',
      10,
      (sql, logId) => sql`update audit_checkpoints set root = sha256('x') where log_id = ${logId}`,
    ],
  ])('is not signed for any more: %s', async (name, size, change) => {
    const workspaceId = log.newWorkspaceId();
    const logId = logIdOf(workspaceId);
    const { logger, lines } = createRecordingLogger();
    const evidence = openTestEvidence(db, { logger });
    await addEvents(db, workspaceId, size);
    const before = await signAll(evidence, db, workspaceId);
    await tamper((sql) => change(sql, logId));
    await addEvents(db, workspaceId, 5);

    // A disk that knows nothing: what is compared is the database alone.
    const other = openTestEvidence(db, { logger });
    await drainForRead(db, logId);
    await other.checkpoints.publish(logId, { isLast: true });
    expect(lines).toMatchObject([{ event: 'audit.log_halted', fields: { log: workspaceId } }]);
    expect(await haltReasonOf(db, workspaceId)).toMatch(/^The (log has|first|last) .*`tooken audit reopen ws_\w+`\.$/);

    // Every replica stops, the last checkpoint goes on being served, and nobody is told twice.
    await expect(evidence.checkpoints.covering(logId, size + 1)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('tooken audit reopen'),
    });
    const served = name === 'the root of the last checkpoint' ? undefined : before;
    expect(await evidence.checkpoints.publish(logId, { isLast: true })).toEqual(served);
    expect(await evidence.checkpoints.latest(logId)).toEqual(served);
    expect(await storedCheckpoints(db, workspaceId)).toHaveLength(1);
    expect(lines).toHaveLength(1);
  });

  test('is not signed for a second time at the same size', async () => {
    const workspaceId = log.newWorkspaceId();
    const logId = logIdOf(workspaceId);
    const evidence = openTestEvidence(db);
    await addEvents(db, workspaceId, 3);
    await signAll(evidence, db, workspaceId);
    await tamper((sql) => sql`update audit_leaves set hash = sha256('x') where log_id = ${logId} and leaf_index = 1`);
    await evidence.checkpoints.publish(logId, { isLast: true });
    expect(await haltReasonOf(db, workspaceId)).toMatch(/^The first 3 events are not those/);
    expect(await storedCheckpoints(db, workspaceId)).toHaveLength(1);
  });
});

describe('a database that was restored from a backup', () => {
  /** A workspace on a database of its own, which nobody is connected to, and the disk of the service. */
  async function createOriginal() {
    const original = await createTestDatabase();
    const [workspaceId, dataDir] = [log.newWorkspaceId(), scratchDirectory()];
    const grow = async (count: number) => {
      const { db: own, close } = openPool(original.app, { maxConnections: 2, applicationName: 'tooken-test' });
      await addEvents(own, workspaceId, count);
      await signAll(openTestEvidence(own, { dataDir }), own, workspaceId);
      await close();
    };
    const backUp = async () => log.openTestPool((await createTestDatabase({ copyOf: original })).app);
    return { workspaceId, dataDir, grow, backUp };
  }

  /** A log of so many signed events, and a backup from before the last of them. */
  async function restoreAfter(early: number, late: number) {
    const { grow, backUp, ...original } = await createOriginal();
    if (early > 0) await grow(early);
    const old = await backUp();
    await grow(late);
    return { ...original, old };
  }

  test('is refused, since the disk has a larger checkpoint', async () => {
    const { workspaceId, dataDir, old } = await restoreAfter(10, 20);
    await addEvents(old, workspaceId, 5);
    await expect(signAll(openTestEvidence(old, { dataDir }), old, workspaceId)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('older than the last checkpoint on the disk'),
    });
    expect(await storedCheckpoints(old, workspaceId)).toMatchObject([{ size: 10 }]);
  });

  test('is refused, too, once it has grown beyond that', async () => {
    const { workspaceId, dataDir, old } = await restoreAfter(10, 20);
    await addEvents(old, workspaceId, 20);
    await expect(signAll(openTestEvidence(old, { dataDir }), old, workspaceId)).rejects.toMatchObject({
      message: expect.stringContaining('has other events than the last checkpoint on the disk'),
    });
  });

  test('is refused, too, if it is from before the log had a key', async () => {
    const { workspaceId, dataDir, old } = await restoreAfter(0, 3);
    await addEvents(old, workspaceId, 3);
    const evidence = openTestEvidence(old, { dataDir });
    await expect(signAll(evidence, old, workspaceId)).rejects.toMatchObject({
      message: expect.stringContaining('signed by another key'),
    });

    const { key } = await inTransaction(old, (tx) => evidence.checkpoints.reopen(tx, logIdOf(workspaceId)));
    expect(key).toMatchObject({ generation: 2, origin: expect.stringMatching(/\/logs\/ws_\w+\/2$/) });
    expect(await signAll(evidence, old, workspaceId)).toMatchObject({ generation: 2, size: 3 });
  });

  test('is noticed at the start, though nothing happens in it', async () => {
    const { workspaceId, dataDir, old } = await restoreAfter(10, 20);
    const { checkpoints } = openTestEvidence(old, { dataDir });
    const publisher = createCheckpointPublisher({ db: old, checkpoints, logger: silentLogger, intervalMs: 1 });
    publisher.start();
    await log.until(async () => (await haltReasonOf(old, workspaceId)) !== null);
    await publisher.stop();
    expect(await haltReasonOf(old, workspaceId)).toContain('older than the last checkpoint on the disk');
  });

  test('is taken back when a newer one is restored, up to the very last checkpoint', async () => {
    const { workspaceId, dataDir, grow, backUp } = await createOriginal();
    await grow(3);
    const newest = await backUp();
    await addEvents(newest, workspaceId, 1);
    expect(await signAll(openTestEvidence(newest, { dataDir }), newest, workspaceId)).toMatchObject({ size: 4 });
    await expectOneHistory(newest, workspaceId);
  });
});

describe('the last checkpoint on disk', () => {
  const fileOf = (dataDir: string, workspaceId: WorkspaceId) => join(dataDir, 'checkpoints', workspaceId);

  test('is the note that was stored, one file a log, and nothing else is left there', async () => {
    const { dataDir, ...evidence } = openTestEvidence(db);
    const workspaceId = log.newWorkspaceId();
    for (const _ of log.range(3)) {
      await addEvents(db, workspaceId, 1);
      const { note } = await signAll(evidence, db, workspaceId);
      expect(readFileSync(fileOf(dataDir, workspaceId), 'utf8')).toBe(note);
    }
    await addEvents(db, null, 1);
    await evidence.checkpoints.covering(INSTALLATION_LOG, await drainForRead(db, INSTALLATION_LOG));
    expect(readdirSync(join(dataDir, 'checkpoints')).sort()).toEqual(['installation', workspaceId].sort());
  });

  test('may be ahead of what is stored, as after a crash between the two', async () => {
    const evidence = openTestEvidence(db);
    const workspaceId = log.newWorkspaceId();
    await addEvents(db, workspaceId, 3);
    await signAll(evidence, db, workspaceId);
    await addEvents(db, workspaceId, 3);
    await signAll(evidence, db, workspaceId);
    await tamper((sql) => sql`delete from audit_checkpoints where log_id = ${logIdOf(workspaceId)} and size = 6`);
    expect(await signAll(evidence, db, workspaceId)).toMatchObject({ size: 6 });
  });

  test('may be behind it, as on a machine that has not signed for a while', async () => {
    const [here, there] = [openTestEvidence(db), openTestEvidence(db)];
    const workspaceId = log.newWorkspaceId();
    for (const evidence of [here, there, there, here]) {
      await addEvents(db, workspaceId, 1);
      await signAll(evidence, db, workspaceId);
    }
    expect(await storedCheckpoints(db, workspaceId)).toHaveLength(4);
  });

  test('says nothing if it is none', async () => {
    const { logger, lines } = createRecordingLogger();
    const { dataDir, ...evidence } = openTestEvidence(db, { logger });
    const workspaceId = log.newWorkspaceId();
    await addEvents(db, workspaceId, 1);
    await signAll(evidence, db, workspaceId);
    writeFileSync(fileOf(dataDir, workspaceId), 'scribble');
    await addEvents(db, workspaceId, 1);
    expect(await signAll(evidence, db, workspaceId)).toMatchObject({ size: 2 });
    expect(lines).toMatchObject([{ event: 'audit.checkpoint_file_failed' }]);
    expect(readFileSync(fileOf(dataDir, workspaceId), 'utf8')).toContain('\n2\n');
  });

  test('holds the log up while it cannot be read, and no longer', async () => {
    const { dataDir, ...evidence } = openTestEvidence(db);
    const workspaceId = log.newWorkspaceId();
    await addEvents(db, workspaceId, 1);
    await signAll(evidence, db, workspaceId);
    const [file, aside] = [fileOf(dataDir, workspaceId), join(dataDir, 'aside')];
    renameSync(file, aside);
    mkdirSync(file);
    await addEvents(db, workspaceId, 1);
    await expect(signAll(evidence, db, workspaceId)).rejects.toMatchObject({ code: 'EISDIR' });
    expect(await storedCheckpoints(db, workspaceId)).toHaveLength(1);
    expect(await haltReasonOf(db, workspaceId)).toBeNull();
    rmdirSync(file);
    renameSync(aside, file);
    expect(await signAll(evidence, db, workspaceId)).toMatchObject({ size: 2 });
  });

  test('is done without where it cannot be written, and that is told once', async () => {
    const { logger, lines } = createRecordingLogger();
    const { dataDir, ...evidence } = openTestEvidence(db, { logger });
    const workspaceId = log.newWorkspaceId();
    writeFileSync(join(dataDir, 'checkpoints'), 'in the way');
    for (const size of [1, 2, 3]) {
      await addEvents(db, workspaceId, 1);
      expect(await signAll(evidence, db, workspaceId)).toMatchObject({ size });
    }
    expect(lines).toMatchObject([{ event: 'audit.checkpoint_file_failed' }]);
  });
});

describe('a log that is reopened', () => {
  test('signs under a new origin and a new key, and minds only what was signed since', async () => {
    const workspaceId = log.newWorkspaceId();
    const logId = logIdOf(workspaceId);
    const evidence = openTestEvidence(db);
    // As from a command in another environment.
    const { checkpoints } = openTestEvidence(db, { publicUrl: 'http://127.0.0.1:8080', dataDir: evidence.dataDir });
    await addEvents(db, workspaceId, 300);
    const before = await signAll(evidence, db, workspaceId);
    const reopen = () => inTransaction(db, (tx) => checkpoints.reopen(tx, logId));
    await expect(reopen()).rejects.toMatchObject({ code: 'conflict' });

    await tamper((sql) => sql`update audit_leaves set hash = sha256('x') where log_id = ${logId} and leaf_index = 299`);
    await addEvents(db, workspaceId, 1);
    await expect(signAll(evidence, db, workspaceId)).rejects.toMatchObject({ code: 'unavailable' });
    const { reason, previous, key } = await reopen();
    expect(reason).toMatch(/^The first 300 events/);
    expect(previous?.origin).toBe(before.origin);
    expect(key).toMatchObject({ generation: 2, origin: `${before.origin}/2` });
    expect(key.publicKey).not.toEqual(previous?.publicKey);

    expect(await signAll(evidence, db, workspaceId)).toMatchObject({ generation: 2, size: 301, origin: key.origin });
    await addEvents(db, workspaceId, 1);
    expect(await signAll(evidence, db, workspaceId)).toMatchObject({ generation: 2, size: 302 });
    await expect(reopen()).rejects.toMatchObject({ code: 'conflict' });
    const [first] = await storedCheckpoints(db, workspaceId);
    expect(first).toMatchObject({ generation: 1, note: before.note });
  });
});
