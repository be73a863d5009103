import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { append, logIdOf } from '../../src/audit/events/append.ts';
import { drain } from '../../src/audit/sequencer/drain.ts';
import { createSequencer } from '../../src/audit/sequencer/sequencer.ts';
import { DRAIN_BATCH } from '../../src/audit/sequencer/sequencer-store.ts';
import { createStrayCheck } from '../../src/audit/sequencer/strays.ts';
import { clientOf } from '../../src/db/client.ts';
import { inTransaction } from '../../src/db/connection.ts';
import { idToUuid, type WorkspaceId } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { silentLogger } from '../support/silent-logger.ts';
import * as log from './log.ts';

const database = await createTestDatabase();
const db = log.openTestPool(database.app, 20);
const owner = log.openTestClient(database.owner);
const holder = log.openTestClient(database.owner);
await owner`create table subjects (id int primary key, changes int not null)`;
await owner`grant select, insert, update on subjects to public`;

/** Changes a row and logs it, as every mutation of ours does: the append comes after the row's lock. */
async function change(subject: number, workspaceId: WorkspaceId): Promise<void> {
  await inTransaction(db, async (tx) => {
    const [row] = await clientOf(tx)<{ changes: number }[]>`
      update subjects set changes = changes + 1 where id = ${subject} returning changes`;
    await append(tx, log.deps, [log.newEvent(workspaceId, { reason: `${subject}:${row?.changes}` })]);
  });
}

const drainLog = (workspaceId: WorkspaceId) => drain(db, logIdOf(workspaceId), { wait: true });

describe('order', () => {
  test('events of one subject are in the log in the order of their commits, whoever drains meanwhile', async () => {
    const workspaceId = log.newWorkspaceId();
    await owner`insert into subjects values (1, 0), (2, 0)`;
    let isDone = false;
    const draining = (async () => {
      while (!isDone) await drain(db, logIdOf(workspaceId), { wait: false });
    })();
    const clients = log.range(12).map(async (client) => {
      for (const _ of log.range(20)) await change(1 + (client % 2), workspaceId);
    });
    await Promise.all(clients);
    isDone = true;
    await draining;
    await drainLog(workspaceId);

    const leaves = await log.storedLeaves(db, workspaceId);
    expect(leaves.map(({ leafIndex }) => leafIndex)).toEqual(log.range(240));
    for (const subject of [1, 2]) {
      const order = leaves.map(({ reason }) => reason).filter((reason) => reason.startsWith(`${subject}:`));
      expect(order).toEqual(log.range(120).map((n) => `${subject}:${n + 1}`));
    }
  });

  test('a backlog larger than a batch is placed in order', async () => {
    const workspaceId = log.newWorkspaceId();
    const total = DRAIN_BATCH + 1;
    for (const part of [log.range(total).slice(0, 1_000), log.range(total).slice(1_000)]) {
      await log.appendAll(db, ...part.map((n) => log.newEvent(workspaceId, { reason: `${n}` })));
    }
    expect(await drainLog(workspaceId)).toBe(total);
    const leaves = await log.storedLeaves(db, workspaceId);
    expect(leaves.map(({ reason }) => Number(reason))).toEqual(log.range(total));
  });

  test('the hash of a leaf is the RFC 6962 hash of its bytes', async () => {
    const workspaceId = log.newWorkspaceId();
    await log.appendAll(db, log.newEvent(workspaceId));
    await drainLog(workspaceId);
    const [row] = await db.$client<{ hash: Buffer; leaf: Buffer }[]>`
      select hash, leaf from audit_leaves join audit_events on audit_events.id = event_id
      where audit_leaves.log_id = ${logIdOf(workspaceId)}`;
    expect(row?.hash).toEqual(
      createHash('sha256')
        .update(Buffer.of(0))
        .update(row?.leaf ?? '')
        .digest(),
    );
  });
});

describe('two sequencers at once', () => {
  test('make one history: dense, every event once', async () => {
    const workspaceIds = [log.newWorkspaceId(), log.newWorkspaceId()];
    const sequencers = log.range(2).map(() => createSequencer({ db, logger: silentLogger, sweepMs: 1 }));
    for (const sequencer of sequencers) sequencer.start();
    const writers = log.range(8).map(async (writer) => {
      for (const n of log.range(30)) {
        await Promise.all(workspaceIds.map((id) => log.appendAll(db, log.newEvent(id, { reason: `${writer}:${n}` }))));
      }
    });
    await Promise.all(writers);
    await log.until(async () => (await log.pendingCount(db)) === 0);
    await Promise.all(sequencers.map((sequencer) => sequencer.stop()));

    for (const workspaceId of workspaceIds) {
      const leaves = await log.storedLeaves(db, workspaceId);
      expect(leaves.map(({ leafIndex }) => leafIndex)).toEqual(log.range(240));
      expect(new Set(leaves.map(({ reason }) => reason)).size).toBe(240);
      expect(await log.headSize(db, workspaceId)).toBe(240);
    }
  });

  test('drains that wait for each other place every event once', async () => {
    const workspaceId = log.newWorkspaceId();
    await log.appendAll(db, ...log.range(50).map(() => log.newEvent(workspaceId)));
    const placed = await Promise.all(log.range(8).map(() => drainLog(workspaceId)));
    expect(placed.reduce((sum, count) => sum + count)).toBe(50);
    expect(await log.headSize(db, workspaceId)).toBe(50);
  });
});

describe('a transaction that stays open elsewhere', () => {
  test('stalls nothing, and its event comes after those that committed before it', async () => {
    const workspaceId = log.newWorkspaceId();
    const end = log.gate();
    const appended = log.gate();
    const slow = inTransaction(db, async (tx) => {
      await append(tx, log.deps, [log.newEvent(workspaceId, { reason: 'slow' })]);
      appended.open();
      await end.opened;
    });
    await appended.opened;
    await log.appendAll(db, log.newEvent(workspaceId, { reason: 'quick' }));
    expect(await drainLog(workspaceId)).toBe(1);
    end.open();
    await slow;
    expect(await drainLog(workspaceId)).toBe(1);
    const leaves = await log.storedLeaves(db, workspaceId);
    expect(leaves.map(({ leafIndex, reason }) => [leafIndex, reason])).toEqual([
      [0, 'quick'],
      [1, 'slow'],
    ]);
  });

  test('a background drain goes away when another holds the log', async () => {
    const workspaceId = log.newWorkspaceId();
    await log.appendAll(db, log.newEvent(workspaceId));
    await drainLog(workspaceId);
    await log.appendAll(db, log.newEvent(workspaceId));
    const release = await holdHead(workspaceId);
    const other = drainLog(workspaceId);
    await log.until(isSomebodyWaiting);
    expect(await drain(db, logIdOf(workspaceId), { wait: false })).toBe(0);
    await release();
    expect(await other).toBe(1);
  });
});

describe('a crash', () => {
  test('in the middle of a drain leaves nothing half done, and the next drain does all of it', async () => {
    const workspaceId = log.newWorkspaceId();
    await log.appendAll(db, log.newEvent(workspaceId));
    await drainLog(workspaceId);
    await log.appendAll(db, ...log.range(10).map((n) => log.newEvent(workspaceId, { reason: `${n}` })));
    const pending = await log.pendingCount(db);

    const release = await holdHead(workspaceId);
    const script = fileURLToPath(new URL('drain-process.ts', import.meta.url));
    const args = ['--import', 'tsx', script, JSON.stringify(database.app), logIdOf(workspaceId)];
    const client = spawn(process.execPath, args, { stdio: 'ignore' });
    const ended = once(client, 'exit');
    await log.until(isSomebodyWaiting);
    client.kill('SIGKILL');
    await ended;
    await release();
    await log.until(async () => !(await isDrainConnected()));

    expect(await log.pendingCount(db)).toBe(pending);
    expect(await log.headSize(db, workspaceId)).toBe(1);
    expect(await log.storedLeaves(db, workspaceId)).toHaveLength(1);
    expect(await drainLog(workspaceId)).toBe(10);
    expect((await log.storedLeaves(db, workspaceId)).map(({ leafIndex }) => leafIndex)).toEqual(log.range(11));
  });

  test('a head that moved without the lock rolls the drain back', async () => {
    const workspaceId = log.newWorkspaceId();
    await log.appendAll(db, log.newEvent(workspaceId));
    await drainLog(workspaceId);
    await log.appendAll(db, log.newEvent(workspaceId));
    const release = await holdHead(workspaceId, 5);
    const drained = drainLog(workspaceId);
    const outcome = expect(drained).rejects.toThrow('placed at its end, together with its head');
    await log.until(isSomebodyWaiting);
    await release();
    await outcome;
    expect(await log.storedLeaves(db, workspaceId)).toHaveLength(1);
    await owner`alter table audit_logs disable trigger user`;
    await owner`update audit_logs set size = 1 where id = ${logIdOf(workspaceId)}`;
    await owner`alter table audit_logs enable trigger user`;
    await owner`alter table audit_logs enable always trigger audit_logs_never_go_back`;
    expect(await drainLog(workspaceId)).toBe(1);
  });
});

describe('while the database is away', () => {
  test('the sequencer says so ever less often, and places what waits when it is back', async () => {
    const workspaceId = log.newWorkspaceId();
    let attempts = 0;
    const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const transaction: typeof db.transaction = (...args) => {
      attempts += 1;
      return attempts > 5 ? db.transaction(...args) : Promise.reject(away);
    };
    const faulty: typeof db = Object.assign(Object.create(db), { transaction });
    const failures: unknown[] = [];
    const logger = {
      ...silentLogger,
      log: (_: unknown, event: string, fields: unknown) => failures.push([event, fields]),
    };
    await log.appendAll(db, log.newEvent(workspaceId));
    const sequencer = createSequencer({ db: faulty, logger, sweepMs: 1 });
    sequencer.start();
    await log.until(async () => (await log.headSize(db, workspaceId)) === 1);
    await sequencer.stop();
    expect(failures).toEqual([1, 2, 4].map((n) => ['audit.sequencer_failed', { err: away, failures: n }]));
  });
});

describe('an event with neither a pending row nor a leaf', () => {
  test('is queued again and reported, once, whatever number of replicas look', async () => {
    const workspaceId = log.newWorkspaceId();
    const ids = await log.appendAll(db, log.newEvent(workspaceId), log.newEvent(workspaceId));
    await owner`delete from audit_pending where event_id = ${idToUuid(ids[0] as (typeof ids)[0])}`;
    await drainLog(workspaceId);
    const found = await Promise.all(log.range(4).map(() => createStrayCheck(db)()));
    expect(found.reduce((sum, count) => sum + count)).toBe(1);
    expect(await createStrayCheck(db)()).toBe(0);
    expect(await drainLog(workspaceId)).toBe(1);
    expect((await log.storedLeaves(db, workspaceId)).map(({ eventId }) => eventId)).toEqual(
      [ids[1], ids[0]].map((id) => id && idToUuid(id)),
    );
  });

  test('is reported by the sequencer', async () => {
    const workspaceId = log.newWorkspaceId();
    await log.appendAll(db, log.newEvent(workspaceId));
    await owner`delete from audit_pending`;
    const reports: unknown[] = [];
    const logger = {
      ...silentLogger,
      log: (_: unknown, event: string, fields: unknown) => reports.push([event, fields]),
    };
    const sequencer = createSequencer({ db, logger, sweepMs: 1, strayCheckMs: 5 });
    sequencer.start();
    await log.until(async () => (await log.headSize(db, workspaceId)) === 1);
    await sequencer.stop();
    expect(reports).toEqual([['audit.events_requeued', { count: 1 }]]);
  });

  test('a queued row without an event, or of an event that has its place, holds up nothing', async () => {
    const workspaceId = log.newWorkspaceId();
    const [first] = await log.appendAll(db, log.newEvent(workspaceId));
    await drainLog(workspaceId);
    await owner`insert into audit_pending (log_id, event_id)
      values (${logIdOf(workspaceId)}, gen_random_uuid()), (${logIdOf(workspaceId)}, ${idToUuid(first as NonNullable<typeof first>)})`;
    await log.appendAll(db, log.newEvent(workspaceId));
    expect(await drainLog(workspaceId)).toBe(1);
    expect(await log.pendingCount(db)).toBe(0);
    expect((await log.storedLeaves(db, workspaceId)).map(({ leafIndex }) => leafIndex)).toEqual([0, 1]);
  });
});

/** Holds the row of a log's head, which a drain updates last; on release it may have moved. */
async function holdHead(workspaceId: WorkspaceId, movedBy = 0): Promise<() => Promise<void>> {
  const held = log.gate();
  const released = log.gate();
  const holding = holder.begin(async (tx) => {
    // No head moves without its leaves otherwise.
    await tx`set local session_replication_role = replica`;
    await tx`update audit_logs set size = size + ${movedBy} where id = ${logIdOf(workspaceId)}`;
    held.open();
    await released.opened;
  });
  await held.opened;
  return async () => {
    released.open();
    await holding;
  };
}

async function isSomebodyWaiting(): Promise<boolean> {
  const [row] = await db.$client<{ waits: boolean }[]>`
    select exists (
      select from pg_locks where not granted and locktype = 'transactionid'
        and pid in (select pid from pg_stat_activity where datname = current_database())
    ) as waits`;
  return row?.waits === true;
}

async function isDrainConnected(): Promise<boolean> {
  const [row] = await db.$client<{ is_connected: boolean }[]>`
    select exists (
      select from pg_stat_activity where datname = current_database() and application_name = 'drain'
    ) as is_connected`;
  return row?.is_connected === true;
}
