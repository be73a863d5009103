import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { servedNote } from '../../../src/audit/checkpoints/checkpoints.ts';
import { sha256 } from '../../../src/audit/hashing.ts';
import { drainForRead } from '../../../src/audit/sequencer/drain.ts';
import { eraseSubject } from '../../../src/introspection/erasure.ts';
import { idToUuid } from '../../../src/lib/ids.ts';
import { verifyLines } from '../core/verify.ts';
import { scratchDirectory, signAll } from '../evidence.ts';
import { appendAll, deps, newWorkspaceId, range } from '../log.ts';
import { anEvent, db, evidence, exportLines, newLog, type TamperedLog, tamper, verifyLive } from './world.ts';

const exported = async (log: TamperedLog, kept: readonly string[] = []) =>
  verifyLines(log.verifierKey, await exportLines(log), { kept });

test('a log that nobody has touched holds, in the database and exported', async () => {
  const log = await newLog(300, [3, 4, 100, 256, 300]);
  expect(await verifyLive(log)).toMatchObject({ damage: null, records: 300, checkpoints: 6, tiles: 1, covered: 300 });
  expect(await exported(log)).toMatchObject({ damage: null, counts: { records: 300, gaps: 0, redacted: 0 } });
  const filtered = await exportLines(log, { filters: { actions: ['workspace.created'] } });
  expect(verifyLines(log.verifierKey, filtered)).toMatchObject({ damage: null, counts: { records: 1, hidden: 300 } });
});

describe('an event that was edited is found', () => {
  const newLeaf = (leaf: string) => leaf.replace('"outcome":"success"', '"outcome":"failure"');

  async function edit(log: TamperedLog, leafIndex: number, { hash, tile }: { hash: boolean; tile: boolean }) {
    await tamper(async (sql) => {
      const [row] = await sql<{ event_id: string; leaf: Buffer; hash: Buffer }[]>`
        select event_id, event.leaf, leaf.hash from audit_leaves leaf join audit_events event on event.id = event_id
        where leaf.log_id = ${log.logId} and leaf_index = ${leafIndex}`;
      if (row === undefined) throw new Error('no such leaf');
      const leaf = Buffer.from(newLeaf(row.leaf.toString('utf8')));
      const newHash = sha256(Buffer.concat([Buffer.of(0), leaf]));
      await sql`update audit_events set leaf = ${leaf} where id = ${row.event_id}`;
      if (hash)
        await sql`update audit_leaves set hash = ${newHash}, outcome = 'failure' where event_id = ${row.event_id}`;
      if (!tile) return;
      const [stored] = await sql<{ hashes: Buffer }[]>`
        select hashes from audit_tiles where log_id = ${log.logId} and level = 0 and tile_index = 0`;
      const hashes = Buffer.from(stored?.hashes ?? []);
      newHash.copy(hashes, leafIndex * 32);
      await sql`
        update audit_tiles set hashes = ${hashes}, root = ${rootOf(hashes)}
        where log_id = ${log.logId} and level = 0 and tile_index = 0`;
    });
  }

  test('in its leaf alone', async () => {
    const log = await newLog(300, [10, 300]);
    await edit(log, 77, { hash: false, tile: false });
    expect((await verifyLive(log)).damage).toMatchObject({ code: 'edited_event', first_leaf: 77 });
    expect((await exported(log)).damage).toMatchObject({ code: 'edited_event', leaves: { first: 77, end: 78 } });
  });

  test('in its leaf and its hash', async () => {
    const log = await newLog(300, [10, 300]);
    await edit(log, 77, { hash: true, tile: false });
    expect((await verifyLive(log)).damage).toMatchObject({ code: 'edited_event', first_leaf: 77, end_leaf: 78 });
    expect(await exported(log)).toMatchObject({
      damage: { code: 'edited_event', leaves: { first: 0, end: 256 } },
      damagedIn: 'log',
    });
  });

  test('in its leaf, its hash and its tile: by the checkpoints, which tell where', async () => {
    const log = await newLog(300, [50, 100, 300]);
    await edit(log, 77, { hash: true, tile: true });
    expect((await verifyLive(log)).damage).toMatchObject({ code: 'wrong_root', first_leaf: 50, end_leaf: 100 });
  });

  test('in its leaf, its hash, its tile and every stored checkpoint: by one that was kept', async () => {
    const log = await newLog(300, [100, 300]);
    const kept = servedNote(await signAll(evidence, db, log.workspaceId));
    const file = join(scratchDirectory(), 'checkpoint');
    writeFileSync(file, kept);
    await edit(log, 77, { hash: true, tile: true });
    await tamper((sql) => sql`delete from audit_checkpoints where log_id = ${log.logId}`);
    expect((await verifyLive(log, [file])).damage).toMatchObject({ code: 'wrong_root', end_leaf: 300 });
  });
});

test('personal data that was edited is found', async () => {
  const log = await newLog(20);
  await tamper(
    (sql) => sql`
      update audit_private set payload = convert_to('{"name":"Eve"}', 'UTF8')
      where slot = 'target/0' and event_id = (select event_id from audit_leaves where log_id = ${log.logId} and leaf_index = 9)`,
  );
  expect((await verifyLive(log)).damage).toMatchObject({ code: 'edited_personal_data', first_leaf: 9 });
  expect((await exported(log)).damage).toMatchObject({ code: 'edited_personal_data', leaves: { first: 9, end: 10 } });
});

test('personal data that was deleted without an erasure is found', async () => {
  const log = await newLog(20);
  await tamper(
    (sql) => sql`
      delete from audit_private where slot = 'actor'
      and event_id = (select event_id from audit_leaves where log_id = ${log.logId} and leaf_index = 9)`,
  );
  expect((await verifyLive(log)).damage?.code).toBe('missing_personal_data');
});

describe('personal data that was deleted is found', () => {
  const deleteSource = (log: TamperedLog, index: number) =>
    tamper(
      (sql) => sql`
        delete from audit_private where slot = 'source'
        and event_id = (select event_id from audit_leaves where log_id = ${log.logId} and leaf_index = ${index})`,
    );

  test('beside an address that was erased, which no digest tells from another', async () => {
    const log = await newLog(20);
    const request = { id: 'req-2', method: 'GET', route: '/v1/tokens', ip: '198.51.100.7', userAgent: null };
    await appendAll(db, anEvent(log.workspaceId, { request }));
    await eraseSubject(
      { ...deps, db },
      {
        workspaceId: log.workspaceId,
        subject: { type: 'source', id: '198.51.100.7' },
        actor: { type: 'system', id: null, name: null },
        request: { id: 'req', method: 'CLI', route: 'audit erase', ip: null, userAgent: null },
      },
    );
    await drainForRead(db, log.logId);
    expect((await verifyLive(log)).damage).toBeNull();
    await deleteSource(log, 9);
    expect((await verifyLive(log)).damage).toMatchObject({ code: 'missing_personal_data' });
  });

  test('with an erasure that left no event', async () => {
    const log = await newLog(20);
    await deleteSource(log, 9);
    await tamper(
      (sql) => sql`
        insert into audit_erasures (event_id, log_id, subject_type, subject_id, xid)
        select event_id, log_id, 'source', 'x', '1' from audit_leaves where log_id = ${log.logId} and leaf_index = 9`,
    );
    expect((await verifyLive(log)).damage?.code).toBe('missing_personal_data');
  });
});

describe('an event that was deleted is found', () => {
  test('by the hash that it left', async () => {
    const log = await newLog(20);
    await tamper(
      (sql) => sql`
        delete from audit_events where id = (select event_id from audit_leaves where log_id = ${log.logId} and leaf_index = 9)`,
    );
    expect((await verifyLive(log)).damage).toMatchObject({ code: 'removed_record', first_leaf: 9 });
    expect((await exported(log)).damage).toMatchObject({ code: 'removed_record', leaves: { first: 9, end: 10 } });
  });

  test('by its place, which is empty', async () => {
    const log = await newLog(300);
    await tamper((sql) => sql`delete from audit_leaves where log_id = ${log.logId} and leaf_index = 9`);
    expect((await verifyLive(log)).damage).toMatchObject({ code: 'removed_record', first_leaf: 9, end_leaf: 10 });
    expect((await exported(log)).damage).toMatchObject({ code: 'removed_record', leaves: { first: 9, end: 10 } });
  });

  test('by the tile, if those after it have moved up', async () => {
    const log = await newLog(300);
    await moveUp(log, 9);
    expect((await verifyLive(log)).damage).toMatchObject({ code: 'removed_record', first_leaf: 9 });
  });

  test('by the checkpoint, if there is no tile', async () => {
    const log = await newLog(20);
    await moveUp(log, 9);
    expect((await verifyLive(log)).damage?.code).toBe('rolled_back');
  });

  async function moveUp(log: TamperedLog, at: number): Promise<void> {
    await tamper(async (sql) => {
      await sql`delete from audit_leaves where log_id = ${log.logId} and leaf_index = ${at}`;
      await sql`update audit_leaves set leaf_index = -leaf_index where log_id = ${log.logId} and leaf_index > ${at}`;
      await sql`update audit_leaves set leaf_index = -leaf_index - 1 where log_id = ${log.logId} and leaf_index < 0`;
      await sql`update audit_logs set size = size - 1 where id = ${log.logId}`;
    });
  }
});

test('an event that was given a place in another log, and so none in its own, is found', async () => {
  const log = await newLog(20);
  const [id] = await appendAll(db, anEvent(log.workspaceId));
  if (id === undefined) throw new Error('an event was appended, and has no id');
  // As the role of the service may, with every trigger in force.
  const other = idToUuid(newWorkspaceId());
  await db.$client`
    with head as (
      insert into audit_logs (id, size, logged_at)
      select ${other}, 1, occurred_at from audit_events where id = ${idToUuid(id)}
    )
    insert into audit_leaves (log_id, leaf_index, event_id, hash, environment, action, outcome, actor_id, occurred_at, logged_at)
    select ${other}, 0, id, sha256(leaf), 'live', 'token.created', 'success', 'system', occurred_at, occurred_at
    from audit_events where id = ${idToUuid(id)}`;
  expect(await drainForRead(db, log.logId)).toBe(20);
  expect((await verifyLive(log)).damage?.code).toBe('stray_event');
});

test('an event that was inserted is found', async () => {
  const log = await newLog(300);
  await appendAll(db, anEvent(log.workspaceId));
  await drainForRead(db, log.logId);
  await tamper(async (sql) => {
    await sql`update audit_leaves set leaf_index = -1 where log_id = ${log.logId} and leaf_index = 300`;
    await sql`update audit_leaves set leaf_index = -leaf_index - 1 where log_id = ${log.logId} and leaf_index >= 9`;
    await sql`update audit_leaves set leaf_index = -leaf_index where log_id = ${log.logId} and leaf_index < -1`;
    await sql`update audit_leaves set leaf_index = 9 where log_id = ${log.logId} and leaf_index = -1`;
  });
  expect((await verifyLive(log)).damage).toMatchObject({ code: 'inserted_record', first_leaf: 9 });
});

test.each([
  [300, 20, 200],
  [20, 5, 17],
])('in a log of %i leaves, two that were swapped are found', async (size, one, other) => {
  const log = await newLog(size);
  await tamper(async (sql) => {
    await sql`update audit_leaves set leaf_index = -1 where log_id = ${log.logId} and leaf_index = ${one}`;
    await sql`update audit_leaves set leaf_index = ${one} where log_id = ${log.logId} and leaf_index = ${other}`;
    await sql`update audit_leaves set leaf_index = ${other} where log_id = ${log.logId} and leaf_index = -1`;
  });
  const range = { first_leaf: one, end_leaf: other + 1 };
  expect((await verifyLive(log)).damage).toMatchObject({ code: 'reordered_record', ...range });
});

describe('a tail that was cut off is found', () => {
  const cut = (log: TamperedLog, size: number, withCheckpoints: boolean) =>
    tamper(async (sql) => {
      await sql`delete from audit_leaves where log_id = ${log.logId} and leaf_index >= ${size}`;
      await sql`update audit_logs set size = ${size}, checkpoint_size = ${size} where id = ${log.logId}`;
      if (withCheckpoints) await sql`delete from audit_checkpoints where log_id = ${log.logId} and size > ${size}`;
    });

  test('by the checkpoints in the database', async () => {
    const log = await newLog(20, [10, 20]);
    await cut(log, 15, false);
    expect((await verifyLive(log)).damage).toMatchObject({ code: 'rolled_back', first_leaf: 15, end_leaf: 20 });
  });

  test('by that on the disk of the machine, if a whole backup was restored', async () => {
    const log = await newLog(20, [10, 20]);
    await cut(log, 10, true);
    expect((await verifyLive(log)).damage).toMatchObject({ code: 'rolled_back', first_leaf: 10, end_leaf: 20 });
  });

  test('by one that somebody has kept, in an export', async () => {
    const log = await newLog(20, [10]);
    const old = await exportLines(log);
    await appendAll(db, anEvent(log.workspaceId), anEvent(log.workspaceId));
    const kept = servedNote(await signAll(evidence, db, log.workspaceId));
    expect(verifyLines(log.verifierKey, old, { kept: [kept] }).damage?.code).toBe('rolled_back');
    expect(await exported(log, [kept])).toMatchObject({ damage: null });
  });

  test('by the head, which counts more', async () => {
    const log = await newLog(20, [10]);
    await tamper((sql) => sql`delete from audit_leaves where log_id = ${log.logId} and leaf_index >= 15`);
    expect((await verifyLive(log)).damage).toMatchObject({ code: 'removed_record', first_leaf: 15, end_leaf: 20 });
  });
});

describe('a stored checkpoint', () => {
  test('that was edited is found', async () => {
    const log = await newLog(20, [10, 20]);
    await tamper(
      (sql) => sql`update audit_checkpoints set root = ${Buffer.alloc(32)} where log_id = ${log.logId} and size = 10`,
    );
    expect((await verifyLive(log)).damage?.code).toBe('bad_signature');
    // The line of the size alone: the digits may stand in an id or a signature as well.
    const [before, after] = ['\n10\n', '\n11\n'];
    await tamper(
      (sql) =>
        sql`update audit_checkpoints set note = replace(note, ${before}, ${after}) where log_id = ${log.logId} and size = 10`,
    );
    expect((await verifyLive(log)).damage?.code).toMatch(/bad_signature|malformed_checkpoint/);
  });
});

describe('a key that was replaced is found', () => {
  test('in the database, which cannot wrap one', async () => {
    const log = await newLog(20);
    await tamper((sql) => sql`update audit_log_keys set wrapped_key = ${Buffer.alloc(60)} where log_id = ${log.logId}`);
    expect((await verifyLive(log)).damage?.code).toBe('unknown_key');
  });

  test('if only the public one was', async () => {
    const log = await newLog(20);
    await tamper(
      (sql) => sql`update audit_log_keys set public_key = ${Buffer.alloc(32, 3)} where log_id = ${log.logId}`,
    );
    expect((await verifyLive(log)).damage?.code).toBe('unknown_key');
  });
});

describe('a tile', () => {
  test('that was edited is found, while its leaves hold', async () => {
    const log = await newLog(300, [10, 300]);
    await tamper(async (sql) => {
      const hashes = Buffer.concat(range(256).map((n) => sha256(Buffer.of(n))));
      await sql`update audit_tiles set hashes = ${hashes} where log_id = ${log.logId} and level = 0`;
    });
    expect((await verifyLive(log)).damage).toMatchObject({ code: 'edited_tile', first_leaf: 0, end_leaf: 256 });
  });

  test('that is gone is missed', async () => {
    const log = await newLog(300, [300]);
    await tamper((sql) => sql`delete from audit_tiles where log_id = ${log.logId}`);
    expect((await verifyLive(log)).damage?.code).toBe('missing_tile');
  });
});

test('what queries find an event by is compared with the event', async () => {
  const log = await newLog(20);
  await tamper(
    (sql) => sql`update audit_leaves set action = 'token.updated' where log_id = ${log.logId} and leaf_index = 9`,
  );
  expect((await verifyLive(log)).damage).toMatchObject({ code: 'edited_index', first_leaf: 9 });
});

test('an event that neither waits nor has a leaf is counted', async () => {
  const log = await newLog(20);
  await appendAll(db, anEvent(log.workspaceId));
  await tamper((sql) => sql`delete from audit_pending where log_id = ${log.logId}`);
  expect(await verifyLive(log)).toMatchObject({ strays: 1, damage: { code: 'stray_event' } });
});

/** Of 256 hashes. */
function rootOf(hashes: Buffer): Buffer {
  let level = range(hashes.length / 32).map((n) => hashes.subarray(n * 32, n * 32 + 32));
  while (level.length > 1) {
    level = range(level.length / 2).map((n) =>
      sha256(Buffer.concat([Buffer.of(1), level[2 * n] ?? Buffer.of(), level[2 * n + 1] ?? Buffer.of()])),
    );
  }
  return level[0] ?? Buffer.of();
}
