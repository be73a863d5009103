import { describe, expect, test } from 'vitest';
import { servedNote } from '../../src/audit/checkpoints/checkpoints.ts';
import { publishedTile, publishedVerifierKey } from '../../src/audit/checkpoints/published.ts';
import { logIdOf } from '../../src/audit/events/append.ts';
import { drainForRead } from '../../src/audit/sequencer/drain.ts';
import { inTransaction } from '../../src/db/connection.ts';
import { createTestDatabase } from '../support/database.ts';
import { addEvents, haltReasonOf, naiveRoot, openTestEvidence, signAll } from './evidence.ts';
import * as log from './log.ts';

const database = await createTestDatabase();
const db = log.openTestPool(database.app, 6);

test('a checkpoint that somebody has put into the database is not taken for one that was signed', async () => {
  const workspaceId = log.newWorkspaceId();
  const logId = logIdOf(workspaceId);
  const evidence = openTestEvidence(db);
  await addEvents(db, workspaceId, 3);
  await signAll(evidence, db, workspaceId);
  await addEvents(db, workspaceId, 1);
  const size = await drainForRead(db, logId);
  // As the role of the service may, and with the right root.
  await db.$client`
    insert into audit_checkpoints (log_id, generation, size, root, note, created_at)
    values (${logId}, 1, ${size}, ${await naiveRoot(db, workspaceId, size)}, 'nobody signed this', '2026-01-01')`;
  await evidence.checkpoints.publish(logId, { isLast: true });
  expect(await haltReasonOf(db, workspaceId)).toMatch(/^The last checkpoint in the database is none that was signed/);
});

describe('what somebody has put into the database', () => {
  async function createLog(size: number) {
    const workspaceId = log.newWorkspaceId();
    const evidence = openTestEvidence(db);
    await addEvents(db, workspaceId, size);
    const signed = await signAll(evidence, db, workspaceId);
    return { workspaceId, logId: logIdOf(workspaceId), evidence, signed };
  }

  test('is not served as a checkpoint, before anybody signs again', async () => {
    const { workspaceId, logId, evidence, signed } = await createLog(3);
    await addEvents(db, workspaceId, 150);
    await drainForRead(db, logId);
    await db.$client`
      insert into audit_checkpoints (log_id, generation, size, root, note, created_at)
      select log_id, 1, n, root, replace(note, E'\n3\n', E'\n' || n || E'\n'), now()
      from audit_checkpoints cross join generate_series(4, 153) as n where log_id = ${logId}`;
    expect(await evidence.checkpoints.latest(logId)).toEqual(signed);
    for (const width of [3, 4, 153]) {
      const tile = await publishedTile({ ...evidence, db }, logId, { level: 0, index: 0, width });
      expect(tile?.byteLength).toBe(width === 3 ? 3 * 32 : undefined);
    }
  });

  test('between two checkpoints makes no tile of it public', async () => {
    const { workspaceId, logId, evidence } = await createLog(3);
    await addEvents(db, workspaceId, 3);
    await signAll(evidence, db, workspaceId);
    await db.$client`
      insert into audit_checkpoints (log_id, generation, size, root, note, created_at)
      values (${logId}, 1, 4, '', 'nobody signed this', now())`;
    const widths = [3, 4, 6].map((width) => publishedTile({ ...evidence, db }, logId, { level: 0, index: 0, width }));
    expect((await Promise.all(widths)).map((tile) => tile?.byteLength)).toEqual([96, undefined, 192]);
  });

  test('is not served as a cosignature, unless it is one line of the witness it is kept for', async () => {
    const { logId, evidence, signed } = await createLog(1);
    const line = '— witness.example/a AAAAAAAA';
    for (const [witness, text] of [
      ['witness.example/a', line],
      ['witness.example/b', 'junk\n\nmore'],
      ['witness.example/c', `${line}\n${line}`],
      ['witness.example/d', line],
      ['witness.example/e', ''],
      [signed.origin, `— ${signed.origin} AAAAAAAA`],
    ] as const) {
      await db.$client`insert into audit_cosignatures values (${logId}, 1, 1, ${witness}, ${text}, now())`;
    }
    const stored = await evidence.checkpoints.latest(logId);
    expect(stored && servedNote(stored)).toBe(`${signed.note}${line}\n`);
  });

  test.each([
    ['that opens for nobody', Buffer.alloc(60, 1)],
    ['of no length that a key has', Buffer.of()],
  ])('as a key %s, halts the log; it is reopened', async (_, wrappedKey) => {
    const { workspaceId, logId, evidence, signed } = await createLog(3);
    const published = await publishedVerifierKey({ ...evidence, db }, logId);
    const origin = `${signed.origin}/2`;
    await db.$client`
      insert into audit_log_keys (log_id, generation, origin, public_key, wrapped_key, created_at)
      values (${logId}, 2, ${origin}, ${Buffer.alloc(32, 1)}, ${wrappedKey}, now())`;
    await addEvents(db, workspaceId, 1);
    await expect(signAll(evidence, db, workspaceId)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('none that this installation has made for it'),
    });
    expect(await evidence.checkpoints.latest(logId)).toEqual(signed);
    expect(await publishedVerifierKey({ ...evidence, db }, logId)).toBe(published);

    const { key, previous } = await inTransaction(db, (tx) => evidence.checkpoints.reopen(tx, logId));
    expect(previous?.verifierKey).toBe(published);
    expect(key).toMatchObject({ generation: 3, origin: `${signed.origin}/3` });
    expect(await signAll(evidence, db, workspaceId)).toMatchObject({ size: 4, generation: 3 });
  });

  test('under the origin that a log is to have next does not keep it from having it', async () => {
    const { workspaceId, logId, evidence, signed } = await createLog(3);
    await db.$client`
      insert into audit_log_keys (log_id, generation, origin, public_key, wrapped_key, created_at)
      values (gen_random_uuid(), 1, ${`${signed.origin}/2`}, '', '', now())`;
    await db.$client`update audit_logs set halt_reason = 'A test.' where id = ${logId}`;
    await inTransaction(db, (tx) => evidence.checkpoints.reopen(tx, logId));
    expect(await signAll(evidence, db, workspaceId)).toMatchObject({ size: 3, origin: `${signed.origin}/2` });
  });
});
