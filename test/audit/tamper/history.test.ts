import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { servedNote } from '../../../src/audit/checkpoints/checkpoints.ts';
import { eraseSubject } from '../../../src/introspection/erasure.ts';
import { verifyLines } from '../core/verify.ts';
import { openTestEvidence, scratchDirectory, signAll } from '../evidence.ts';
import { appendAll, deps, newTokenId, range } from '../log.ts';
import { anEvent, db, evidence, exportLines, newLog, reopen, type TamperedLog, tamper, verifyLive } from './world.ts';

/** Puts the log back to what it was at `size`, with the checkpoints of then: the backup of a whole database. */
async function restore(log: TamperedLog, size: number): Promise<void> {
  await tamper(async (sql) => {
    const gone = sql`select event_id from audit_leaves where log_id = ${log.logId} and leaf_index >= ${size}`;
    await sql`delete from audit_private where event_id in (${gone})`;
    await sql`delete from audit_events where id in (${gone})`;
    for (const table of ['audit_targets', 'audit_sources', 'audit_words', 'audit_leaves']) {
      await sql`delete from ${sql(table)} where log_id = ${log.logId} and leaf_index >= ${size}`;
    }
    await sql`delete from audit_tiles where log_id = ${log.logId} and (tile_index + 1) * 256 > ${size}`;
    await sql`delete from audit_checkpoints where log_id = ${log.logId} and size > ${size}`;
    await sql`update audit_logs set size = ${size}, checkpoint_size = ${size} where id = ${log.logId}`;
  });
}

/** As a machine does that has never signed for the log: nothing on its disk speaks against it. */
async function growElsewhere(log: TamperedLog, size: number): Promise<ReturnType<typeof openTestEvidence>> {
  const elsewhere = openTestEvidence(db);
  await appendAll(db, ...range(size).map(() => anEvent(log.workspaceId)));
  await signAll(elsewhere, db, log.workspaceId);
  return elsewhere;
}

const keepIn = (note: string): string => {
  const path = join(scratchDirectory(), 'checkpoint');
  writeFileSync(path, note);
  return path;
};

describe('a backup that was restored', () => {
  test('is found by a checkpoint of after it, on the disk or kept', async () => {
    const log = await newLog(30, [20, 30]);
    const kept = servedNote(await signAll(evidence, db, log.workspaceId));
    await restore(log, 20);
    expect((await verifyLive(log)).damage).toMatchObject({ code: 'rolled_back', first_leaf: 20, end_leaf: 30 });
    const elsewhere = openTestEvidence(db);
    expect((await verifyLive(log, [], elsewhere)).damage).toBeNull();
    expect((await verifyLive(log, [keepIn(kept)], elsewhere)).damage).toMatchObject({ code: 'rolled_back' });
  });

  test('is found when the log has grown as far again: it has forked', async () => {
    const log = await newLog(30, [20, 30]);
    const kept = servedNote(await signAll(evidence, db, log.workspaceId));
    await restore(log, 20);
    const elsewhere = await growElsewhere(log, 9);
    // The export's own event is the thirtieth.
    const lines = await exportLines(log, {}, elsewhere);
    expect(verifyLines(log.verifierKey, lines).damage).toBeNull();
    expect(verifyLines(log.verifierKey, lines, { kept: [kept] }).damage?.code).toBe('forked');
  });

  test('is found when the log has grown farther: its past is another', async () => {
    const log = await newLog(30, [20, 30]);
    const kept = servedNote(await signAll(evidence, db, log.workspaceId));
    await restore(log, 20);
    const elsewhere = await growElsewhere(log, 25);
    const lines = await exportLines(log, {}, elsewhere);
    const { damage } = verifyLines(log.verifierKey, lines, { kept: [kept] });
    expect(damage).toMatchObject({ code: 'inconsistent_history', leaves: { first: 0, end: 30 } });
    expect((await verifyLive(log)).damage?.code).toBe('wrong_root');
    expect((await verifyLive(log, [], elsewhere)).damage).toBeNull();
  });
});

describe('a log that began anew', () => {
  test('is held against what was kept from before, by an export and in the database', async () => {
    const log = await newLog(30, [20, 30]);
    const kept = servedNote(await signAll(evidence, db, log.workspaceId));
    const verifierKey = await reopen(log);
    await signAll(evidence, db, log.workspaceId);
    expect((await verifyLive(log, [keepIn(kept)])).damage).toBeNull();
    const expected = { kept: [kept], previousKeys: [log.verifierKey] };
    expect(verifyLines(verifierKey, await exportLines(log), expected).damage).toBeNull();
  });

  test('after a backup was restored shows that events were lost', async () => {
    const log = await newLog(30, [20, 30]);
    const kept = servedNote(await signAll(evidence, db, log.workspaceId));
    await restore(log, 20);
    const elsewhere = await growElsewhere(log, 15);
    const verifierKey = await reopen(log, elsewhere);
    await signAll(elsewhere, db, log.workspaceId);
    const found = expect.stringContaining('of the log before its new beginning');
    const damage = { code: 'wrong_root', found };
    expect(await verifyLive(log, [keepIn(kept)], elsewhere)).toMatchObject({ damage });
    const expected = { kept: [kept], previousKeys: [log.verifierKey] };
    const exported = verifyLines(verifierKey, await exportLines(log, {}, elsewhere), expected);
    expect(exported).toMatchObject({ damage: { code: 'inconsistent_history', found } });
  });

  test('and has no key of before any more is verified by an export', async () => {
    const log = await newLog(5);
    const kept = servedNote(await signAll(evidence, db, log.workspaceId));
    await reopen(log);
    await signAll(evidence, db, log.workspaceId);
    await tamper(async (sql) => {
      await sql`delete from audit_checkpoints where log_id = ${log.logId} and generation = 1`;
      await sql`delete from audit_log_keys where log_id = ${log.logId} and generation = 1`;
    });
    expect((await verifyLive(log, [keepIn(kept)])).damage).toMatchObject({
      code: 'unchecked_history',
      advice: expect.stringContaining('--previous-key'),
    });
  });
});

test('a log that is halted is shown as such, with what to do about it, also where nothing of it can be verified', async () => {
  const log = await newLog(30, [20, 30]);
  await restore(log, 20);
  await appendAll(db, ...range(15).map(() => anEvent(log.workspaceId)));
  await expect(signAll(evidence, db, log.workspaceId)).rejects.toMatchObject({ code: 'unavailable' });
  const verdict = await verifyLive(log);
  expect(verdict).toMatchObject({ holds: false, halt_reason: expect.stringMatching(/\.$/), size: 35, strays: 0 });
  expect(verdict.damage).toMatchObject({ code: 'wrong_root', advice: expect.stringContaining('tooken audit reopen') });
  expect(verdict.damage?.advice).toContain('tooken doctor');
  expect(verdict.damage?.advice).not.toContain('Export');
  await tamper((sql) => sql`update audit_log_keys set wrapped_key = 'none' where log_id = ${log.logId}`);
  const { halt_reason } = verdict;
  expect(await verifyLive(log)).toMatchObject({ damage: { code: 'unknown_key' }, halt_reason, size: 35 });
});

describe('personal data that was erased', () => {
  const from = (log: TamperedLog, ip: string) =>
    anEvent(log.workspaceId, {
      request: { id: 'req-1', method: 'POST', route: '/v1/tokens', ip, userAgent: null },
    });

  async function erase(log: TamperedLog, subject: { type: 'source' | 'token'; id: string }): Promise<void> {
    const request = { id: 'req', method: 'CLI', route: 'audit erase', ip: null, userAgent: null };
    const actor = { type: 'system', id: null, name: null } as const;
    await eraseSubject({ db, ...deps }, { workspaceId: log.workspaceId, subject, actor, request });
  }

  test('leaves every proof as it was, and the events redacted', async () => {
    const log = await newLog(20);
    const token = newTokenId();
    const target = { type: 'token', id: token, name: "Jane's laptop" } as const;
    await appendAll(
      db,
      from(log, '198.51.100.7'),
      anEvent(log.workspaceId, { targets: [target] }),
      from(log, '192.0.2.99'),
    );
    const before = await exportLines(log);
    const kept = servedNote(await signAll(evidence, db, log.workspaceId));
    await erase(log, { type: 'source', id: '198.51.100.7' });
    await erase(log, { type: 'token', id: token });

    expect(await verifyLive(log, [keepIn(kept)])).toMatchObject({ damage: null, redacted: 2 });
    const after = await exportLines(log);
    expect(verifyLines(log.verifierKey, after, { kept: [kept] })).toMatchObject({
      damage: null,
      counts: { redacted: 2 },
    });
    expect(after.join('\n')).not.toMatch(/198\.51\.100\.7|Jane's laptop/);
    expect(verifyLines(log.verifierKey, before)).toMatchObject({ damage: null, counts: { redacted: 0 } });
  });

  test('explains nothing that was erased by hand besides', async () => {
    const log = await newLog(20);
    const token = newTokenId();
    await appendAll(db, anEvent(log.workspaceId, { targets: [{ type: 'token', id: token, name: 'one' }] }));
    await exportLines(log);
    await erase(log, { type: 'token', id: token });
    expect((await verifyLive(log)).damage).toBeNull();
    await tamper(
      (sql) => sql`
        delete from audit_private where slot = 'target/0'
        and event_id = (select event_id from audit_leaves where log_id = ${log.logId} and leaf_index = 9)`,
    );
    expect((await verifyLive(log)).damage?.code).toBe('missing_personal_data');
  });
});
