import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCheckpointPublisher } from '../../src/audit/checkpoints/checkpoint-publisher.ts';
import { createCheckpoints } from '../../src/audit/checkpoints/checkpoints.ts';
import { createLogKeys } from '../../src/audit/checkpoints/log-key.ts';
import { publishedVerifierKey } from '../../src/audit/checkpoints/published.ts';
import { openCheckpoint } from '../../src/audit/core/checkpoint.ts';
import { parseVerifierKey } from '../../src/audit/core/verifier-key.ts';
import { append, logIdOf } from '../../src/audit/events/append.ts';
import { ed25519PublicKey, sha256, verifyEd25519 } from '../../src/audit/hashing.ts';
import { drainForRead } from '../../src/audit/sequencer/drain.ts';
import { createSequencer } from '../../src/audit/sequencer/sequencer.ts';
import { inTransaction } from '../../src/db/connection.ts';
import type { WorkspaceId } from '../../src/lib/ids.ts';
import type { LogEvent } from '../../src/telemetry/events.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestService } from '../support/service.ts';
import { silentLogger } from '../support/silent-logger.ts';
import {
  expectOneHistory,
  naiveRoot,
  openTestEvidence,
  PUBLIC_URL,
  scratchDirectory,
  signAll,
  storedCheckpoints,
  WRAPPING_KEY,
} from './evidence.ts';
import * as log from './log.ts';

const database = await createTestDatabase();
const db = log.openTestPool(database.app, 10);
const owner = log.openTestClient(database.owner);
const evidence = openTestEvidence(db);

describe('a checkpoint', () => {
  test('is a note that the published key verifies, with the root of the leaves', async () => {
    const workspaceId = log.newWorkspaceId();
    await log.appendAll(db, ...log.range(3).map(() => log.newEvent(workspaceId)));
    const stored = await signAll(evidence, db, workspaceId);
    expect(stored).toMatchObject({ size: 3, generation: 1, origin: `tooken.example.com/logs/${workspaceId}` });

    const key = await evidence.logKeys.find(db, logIdOf(workspaceId));
    const verifier = parseVerifierKey(sha256, key?.verifierKey ?? '');
    const { checkpoint } = openCheckpoint({ verify: verifyEd25519 }, stored.note, verifier);
    expect(checkpoint.origin).toBe(stored.origin);
    expect(checkpoint.size).toBe(3);
    expect(Buffer.from(checkpoint.root)).toEqual(await naiveRoot(db, workspaceId, 3));
    expect(await evidence.checkpoints.latest(logIdOf(workspaceId))).toEqual(stored);
  });
});

describe('what is signed', () => {
  test('is signed once, whoever asks and how often', async () => {
    const workspaceId = log.newWorkspaceId();
    const other = openTestEvidence(db);
    await log.appendAll(db, log.newEvent(workspaceId));
    const asked = log.range(10).map((n) => signAll(n % 2 === 0 ? evidence : other, db, workspaceId));
    const notes = new Set((await Promise.all(asked)).map(({ note }) => note));
    expect(notes.size).toBe(1);
    expect(await storedCheckpoints(db, workspaceId)).toHaveLength(1);
  });

  test('is of one history, whatever number of replicas place and sign at once', async () => {
    const workspaceId = log.newWorkspaceId();
    const replicas = log.range(3).map(() => {
      const { checkpoints } = openTestEvidence(db);
      const publisher = createCheckpointPublisher({ db, checkpoints, logger: silentLogger, intervalMs: 1 });
      const sequencer = createSequencer({ db, logger: silentLogger, onGrown: publisher.grew, sweepMs: 1 });
      return { checkpoints, publisher, sequencer };
    });
    for (const { publisher, sequencer } of replicas) {
      publisher.start();
      sequencer.start();
    }
    const writers = log.range(6).map(async (writer) => {
      for (const n of log.range(60)) {
        await log.appendAll(db, log.newEvent(workspaceId));
        const checkpoints = replicas[writer % 3]?.checkpoints;
        if (n % 7 === 0)
          await checkpoints?.covering(logIdOf(workspaceId), await drainForRead(db, logIdOf(workspaceId)));
      }
    });
    await Promise.all(writers);
    await log.until(async () => (await log.pendingCount(db)) === 0);
    for (const { sequencer } of replicas) await sequencer.stop();
    for (const { publisher } of replicas) await publisher.stop();

    await expectOneHistory(db, workspaceId);
    const stored = await storedCheckpoints(db, workspaceId);
    expect(stored.length).toBeGreaterThan(6);
    expect(stored.at(-1)?.size).toBe(360);
  });

  test('waits for no transaction that stays open elsewhere', async () => {
    const workspaceId = log.newWorkspaceId();
    const [appended, end] = [log.gate(), log.gate()];
    const slow = inTransaction(db, async (tx) => {
      await append(tx, log.deps, [log.newEvent(workspaceId)]);
      appended.open();
      await end.opened;
    });
    await appended.opened;
    await log.appendAll(db, log.newEvent(workspaceId));
    expect(await signAll(evidence, db, workspaceId)).toMatchObject({ size: 1 });
    end.open();
    await slow;
    expect(await signAll(evidence, db, workspaceId)).toMatchObject({ size: 2 });
    await expectOneHistory(db, workspaceId);
  });

  test('is told to listeners once it is stored, and never twice', async () => {
    const workspaceId = log.newWorkspaceId();
    const own = openTestEvidence(db);
    const told: number[] = [];
    own.checkpoints.onStored(({ size }) => told.push(size));
    for (const _ of log.range(3)) {
      await log.appendAll(db, log.newEvent(workspaceId));
      await signAll(own, db, workspaceId);
      await signAll(own, db, workspaceId);
    }
    expect(told).toEqual([1, 2, 3]);
  });

  test('keeps its origin and its key when the public URL changes', async () => {
    const workspaceId = log.newWorkspaceId();
    await log.appendAll(db, log.newEvent(workspaceId));
    const before = await signAll(evidence, db, workspaceId);
    await log.appendAll(db, log.newEvent(workspaceId));
    const after = await signAll(openTestEvidence(db, { publicUrl: 'http://127.0.0.1:8080' }), db, workspaceId);
    expect(after.size).toBe(2);
    expect(after.origin).toBe(before.origin);
  });
});

describe('the key of a log', () => {
  test('does not open under another master key, nor for another log', async () => {
    const workspaceIds = [log.newWorkspaceId(), log.newWorkspaceId()];
    for (const id of workspaceIds) {
      await log.appendAll(db, log.newEvent(id));
      await signAll(evidence, db, id);
    }
    const [first, second] = workspaceIds.map(logIdOf);
    const stranger = openTestEvidence(db, { wrappingKey: Buffer.alloc(32, 12) });
    await expect(stranger.logKeys.open(db, first ?? '')).rejects.toThrow('no key that opens');

    await owner`
      insert into audit_log_keys (log_id, generation, origin, public_key, wrapped_key, created_at)
      select ${second ?? ''}, 2, origin || '/2', public_key, wrapped_key, created_at from audit_log_keys
      where log_id = ${first ?? ''}`;
    expect(await evidence.logKeys.openNewest(db, second ?? '')).toBeUndefined();
    expect(await evidence.logKeys.open(db, second ?? '')).toMatchObject({ generation: 1 });
  });

  test('does not open as that of a later generation, under which nothing is compared with what was signed before', async () => {
    const workspaceId = log.newWorkspaceId();
    const logId = logIdOf(workspaceId);
    await log.appendAll(db, log.newEvent(workspaceId));
    await signAll(evidence, db, workspaceId);
    await db.$client`
      insert into audit_log_keys (log_id, generation, origin, public_key, wrapped_key, created_at)
      select log_id, 2, origin, public_key, wrapped_key, created_at from audit_log_keys where log_id = ${logId}`;
    expect(await evidence.logKeys.openNewest(db, logId)).toBeUndefined();
  });

  test('is not shown to anybody if somebody else has put it into the database', async () => {
    const workspaceId = log.newWorkspaceId();
    const logId = logIdOf(workspaceId);
    await log.appendAll(db, log.newEvent(workspaceId));
    await signAll(evidence, db, workspaceId);
    const published = await publishedVerifierKey({ ...evidence, db }, logId);
    // As the role of the service may: a newer generation, of which somebody has the private key.
    const forged = ed25519PublicKey(Buffer.alloc(32, 66));
    await db.$client`
      insert into audit_log_keys (log_id, generation, origin, public_key, wrapped_key, created_at)
      select log_id, 2, origin || '/2', ${forged}, wrapped_key, created_at from audit_log_keys where log_id = ${logId}`;
    expect(await publishedVerifierKey({ ...evidence, db }, logId)).toBe(published);

    // As only the owner may: the private key is the log's own.
    await owner`alter table audit_log_keys disable trigger user`;
    await owner`delete from audit_log_keys where log_id = ${logId} and generation = 2`;
    expect(await publishedVerifierKey({ ...evidence, db }, logId)).toBe(published);
    await owner`update audit_log_keys set public_key = ${forged} where log_id = ${logId}`;
    await owner`alter table audit_log_keys enable trigger user`;
    await expect(publishedVerifierKey({ ...evidence, db }, logId)).rejects.toThrow(
      'none that this installation has made',
    );
  });

  test('lies in the database encrypted only, in bytes that stay the same from version to version', async () => {
    const workspaceId = 'ws_01kav3c4r8e0jbwn7sgm5zkqd2' as WorkspaceId;
    const bytes = Buffer.alloc(32, 77);
    const random = { bytes: (size: number) => (size === 32 ? bytes : Buffer.alloc(size, 5)) };
    const logKeys = createLogKeys({ ...log.deps, random, wrappingKey: WRAPPING_KEY, publicUrl: PUBLIC_URL });
    await inTransaction(db, (tx) => logKeys.make(tx, logIdOf(workspaceId), 1));
    const [row] = await db.$client<{ public_key: Buffer; wrapped_key: Buffer }[]>`
      select public_key, wrapped_key from audit_log_keys where log_id = ${logIdOf(workspaceId)}`;
    expect(row?.public_key).toEqual(ed25519PublicKey(bytes));
    expect(row?.wrapped_key.toString('hex')).toBe(
      '050505050505050505050505f229343fccbf40f66a77c1bad45ab42a048807c5fafef5de0f4eea149930d631c49e1ebce445d94530126ba04388a587',
    );
    expect(row?.wrapped_key.includes(bytes)).toBe(false);
    const key = await logKeys.open(db, logIdOf(workspaceId));
    expect(verifyEd25519(key.publicKey, Buffer.from('x'), key.sign(Buffer.from('x')))).toBe(true);
  });
});

describe('in the background', () => {
  test('a log that grows all the time gets a checkpoint once in an interval, and one at the end', async () => {
    const workspaceId = log.newWorkspaceId();
    const logId = logIdOf(workspaceId);
    let now = Date.now();
    const clock = { ...log.deps.clock, now: () => new Date(now) };
    const logKeys = createLogKeys({ ...log.deps, wrappingKey: WRAPPING_KEY, publicUrl: PUBLIC_URL });
    const checkpoints = createCheckpoints({ db, logKeys, clock, guards: [], logger: silentLogger });
    const grow = async () => {
      await log.appendAll(db, log.newEvent(workspaceId));
      await drainForRead(db, logId);
    };
    await grow();
    expect(await checkpoints.publish(logId)).toMatchObject({ size: 1 });
    await grow();
    expect(await checkpoints.publish(logId)).toBeUndefined();
    now += 999;
    expect(await checkpoints.publish(logId)).toBeUndefined();
    now += 1;
    expect(await checkpoints.publish(logId)).toMatchObject({ size: 2 });
    await grow();
    expect(await checkpoints.publish(logId, { isLast: true })).toMatchObject({ size: 3 });
  });

  test('logs that grew elsewhere are found', async () => {
    const workspaceId = log.newWorkspaceId();
    await log.appendAll(db, log.newEvent(workspaceId));
    await drainForRead(db, logIdOf(workspaceId));
    const { checkpoints } = openTestEvidence(db);
    const publisher = createCheckpointPublisher({ db, checkpoints, logger: silentLogger });
    publisher.start();
    await log.until(async () => (await checkpoints.latest(logIdOf(workspaceId)))?.size === 1);
    await publisher.stop();
  });

  test('a log that cannot be signed for is told of, and holds up no other', async () => {
    const [broken, sound] = [log.newWorkspaceId(), log.newWorkspaceId()];
    const dataDir = scratchDirectory();
    const hampered = openTestEvidence(db, { dataDir });
    mkdirSync(join(dataDir, 'checkpoints', broken), { recursive: true });
    for (const id of [broken, sound]) {
      await log.appendAll(db, log.newEvent(id));
      await drainForRead(db, logIdOf(id));
    }
    const told: LogEvent[] = [];
    const logger = { ...silentLogger, log: (_level: string, event: LogEvent) => void told.push(event) };
    const publisher = createCheckpointPublisher({ db, checkpoints: hampered.checkpoints, logger, intervalMs: 1 });
    publisher.grew(logIdOf(broken));
    publisher.grew(logIdOf(sound));
    publisher.start();
    await log.until(async () => (await hampered.checkpoints.latest(logIdOf(sound)))?.size === 1);
    await log.until(() => told.includes('audit.checkpoint_failed'));
    await publisher.stop();
    expect(await hampered.checkpoints.latest(logIdOf(broken))).toBeUndefined();
  });

  test('what grew just before the end is signed for', async () => {
    const workspaceId = log.newWorkspaceId();
    const service = await createTestService(database);
    await log.appendAll(db, log.newEvent(workspaceId));
    await log.until(async () => (await log.headSize(db, workspaceId)) === 1);
    await service.context[Symbol.asyncDispose]();
    expect(await storedCheckpoints(db, workspaceId)).toMatchObject([{ size: 1 }]);
  });
});
