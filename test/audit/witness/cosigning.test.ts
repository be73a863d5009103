import { describe, expect, test } from 'vitest';
import { servedNote } from '../../../src/audit/checkpoints/checkpoints.ts';
import { openCosignature } from '../../../src/audit/core/cosignature.ts';
import { parseNote } from '../../../src/audit/core/note.ts';
import { parseVerifierKey } from '../../../src/audit/core/verifier-key.ts';
import { logIdOf } from '../../../src/audit/events/append.ts';
import { sha256, verifyEd25519 } from '../../../src/audit/hashing.ts';
import { selectWitnessFacts } from '../../../src/operator/doctor/witness-store.ts';
import { createTestDatabase } from '../../support/database.ts';
import type { WitnessFault } from '../../support/witness.ts';
import * as log from '../log.ts';
import { copyOf, openReplica, startTrustingWitness } from './world.ts';

const database = await createTestDatabase();

describe('a checkpoint that is stored', () => {
  test('is cosigned by every witness, and served with what they signed', async () => {
    const { app } = await copyOf(database);
    const witnesses = [await startTrustingWitness(app), await startTrustingWitness(app)];
    const replica = openReplica(app, witnesses);
    const workspaceId = log.newWorkspaceId();
    const { size } = await replica.grow(workspaceId, 3);
    await log.until(async () => (await replica.cosigners(workspaceId)).length === 2);

    const latest = await replica.checkpoints.latest(logIdOf(workspaceId));
    const note = parseNote(latest === undefined ? '' : servedNote(latest));
    expect(size).toBe(3);
    for (const { verifierKey, name } of witnesses) {
      const cosignature = openCosignature({ verify: verifyEd25519 }, note, parseVerifierKey(sha256, verifierKey));
      expect(cosignature.witness).toBe(name);
      expect(Math.abs(cosignature.timestamp - Date.now() / 1000)).toBeLessThan(300);
    }
    expect(replica.lines).toEqual([]);
  });

  test('is proved to go on from the last one, whatever the two sizes are', async () => {
    const { app } = await copyOf(database);
    const witness = await startTrustingWitness(app);
    const replica = openReplica(app, [witness]);
    const workspaceId = log.newWorkspaceId();
    for (const step of [1, 1, 1, 2, 3, 1, 7, 16, 1, 90, 133, 1, 1]) {
      const { origin, size } = await replica.grow(workspaceId, step);
      await log.until(() => witness.view(origin)?.size === size);
    }
    expect(new Set(witness.statuses)).toEqual(new Set([200]));
    expect(await replica.haltReason(workspaceId)).toBeNull();
  });

  test('is taken to a witness once, and not again once it is cosigned', async () => {
    const { app } = await copyOf(database);
    const witness = await startTrustingWitness(app);
    const replica = openReplica(app, [witness]);
    const workspaceId = log.newWorkspaceId();
    const { note } = await replica.grow(workspaceId);
    await log.until(async () => (await replica.cosigners(workspaceId)).length === 1);
    await sweeps(replica);
    expect(witness.requests).toEqual([`old 0\n\n${note}`]);
  });

  test('gives way to a newer one that comes while the witness is busy', async () => {
    const { app } = await copyOf(database);
    const witness = await startTrustingWitness(app);
    const replica = openReplica(app, [witness]);
    const workspaceId = log.newWorkspaceId();
    const first = await replica.grow(workspaceId);
    await log.until(async () => (await replica.cosigners(workspaceId)).length === 1);
    const release = witness.hold();
    await replica.grow(workspaceId);
    await log.until(() => witness.requests.length === 2);
    for (const _ of log.range(5)) await replica.grow(workspaceId);
    release();
    await log.until(() => witness.view(first.origin)?.size === 7);
    expect(witness.requests.map((request) => request.split('\n\n')[1]?.split('\n')[1])).toEqual(['1', '2', '7']);
  });

  test('reaches a witness that has fallen back, by a proof from where it is', async () => {
    const { app } = await copyOf(database);
    const witness = await startTrustingWitness(app);
    const replica = openReplica(app, [witness]);
    const workspaceId = log.newWorkspaceId();
    const { origin } = await replica.grow(workspaceId, 3);
    await log.until(() => witness.view(origin)?.size === 3);
    const early = witness.view(origin);
    await replica.grow(workspaceId, 2);
    await log.until(async () => (await replica.cosigners(workspaceId)).length === 1);
    for (const view of [early, undefined]) {
      witness.setView(origin, view);
      await replica.grow(workspaceId, 2);
      await log.until(async () => (await replica.cosigners(workspaceId)).length === 1);
    }
    expect(witness.statuses).toEqual([200, 200, 409, 200, 409, 200]);
    expect(replica.lines).toEqual([]);
  });

  test('is cosigned when two processes take checkpoints of one log to one witness at once', async () => {
    const { app } = await copyOf(database);
    const witness = await startTrustingWitness(app);
    const replicas = [openReplica(app, [witness]), openReplica(app, [witness])];
    const workspaceId = log.newWorkspaceId();
    await Promise.all(
      replicas.map(async (replica) => {
        for (const _ of log.range(25)) await replica.grow(workspaceId);
      }),
    );
    for (const replica of replicas) {
      await log.until(async () => (await replica.cosigners(workspaceId)).length === 1);
      expect(await replica.haltReason(workspaceId)).toBeNull();
      expect(replica.lines).toEqual([]);
    }
    expect(await replicas[0]?.checkpoints.latest(logIdOf(workspaceId))).toMatchObject({ size: 50 });
  });
});

describe('a witness that is away', () => {
  test('holds up neither signing nor the others, and gets the latest checkpoint when it is back', async () => {
    const { app } = await copyOf(database);
    const [here, away] = [await startTrustingWitness(app), await startTrustingWitness(app)];
    away.setFault('silent');
    const replica = openReplica(app, [here, away], { timing: { deadlineMs: 100, askMs: 50 } });
    const workspaceId = log.newWorkspaceId();
    for (const _ of log.range(3)) await replica.grow(workspaceId);
    await log.until(async () => (await replica.cosigners(workspaceId)).includes(here.name));
    await log.until(() => replica.lines.length > 0);
    expect(replica.lines[0]).toMatchObject({
      level: 'warn',
      event: 'audit.witness_failed',
      fields: { witness: away.name, problem: 'timed_out', failures: 1 },
    });
    away.setFault(undefined);
    replica.passTime();
    await log.until(async () => (await replica.cosigners(workspaceId)).length === 2);
  });

  test('is told of once, and then ever less often', async () => {
    const { app } = await copyOf(database);
    const away = await startTrustingWitness(app);
    await away.close();
    const replica = openReplica(app, [away]);
    const workspaceId = log.newWorkspaceId();
    await replica.grow(workspaceId);
    await log.until(() => {
      replica.passTime();
      return replica.lines.length === 4;
    });
    expect(replica.lines.map(({ fields }) => fields.failures)).toEqual([1, 2, 4, 8]);
    expect(new Set(replica.lines.map(({ fields }) => fields.problem))).toEqual(new Set(['unreachable']));
  });

  test('is asked again by another process, after the one that stored the checkpoint is gone', async () => {
    const { app } = await copyOf(database);
    const witness = await startTrustingWitness(app);
    witness.setFault('broken');
    const replica = openReplica(app, [witness]);
    const workspaceId = log.newWorkspaceId();
    // The installation's own log is one like any other.
    for (const id of [workspaceId, null]) await replica.grow(id);
    await log.until(() => replica.lines.length === 1);
    await replica.stop();
    witness.setFault(undefined);
    const other = openReplica(app, [witness]);
    for (const id of [workspaceId, null]) await log.until(async () => (await other.cosigners(id)).length === 1);
  });

  test('may have cosigned without being heard: it says so again', async () => {
    const { app } = await copyOf(database);
    const witness = await startTrustingWitness(app);
    witness.setFault('lost_answer');
    const replica = openReplica(app, [witness]);
    const workspaceId = log.newWorkspaceId();
    const { origin } = await replica.grow(workspaceId);
    await log.until(() => replica.lines.length === 1);
    expect(witness.view(origin)).toMatchObject({ size: 1 });
    witness.setFault(undefined);
    replica.passTime();
    await log.until(async () => (await replica.cosigners(workspaceId)).length === 1);
    expect(witness.statuses).toEqual([409, 200]);
  });
});

describe('an answer that is no cosignature', () => {
  const faults: [WitnessFault, problem: string][] = [
    ['broken', 'unavailable'],
    ['garbled', 'unreachable'],
    ['garbage', 'not_cosigned'],
    ['oversized', 'oversized'],
    ['redirect', 'redirected'],
    ['unknown_key', 'not_cosigned'],
    ['wrong_signature', 'bad_cosignature'],
    ['other_origin', 'bad_cosignature'],
    ['milliseconds', 'implausible_time'],
    ['long_ago', 'implausible_time'],
    ['without_time', 'not_cosigned'],
    ['speechless', 'malformed'],
    ['stubborn', 'proof_refused'],
  ];

  test('is not stored, does not stop the log, and is told of without quoting it', async () => {
    const { app } = await copyOf(database);
    const witnesses = await Promise.all(faults.map(() => startTrustingWitness(app)));
    for (const [n, [fault]] of faults.entries()) witnesses[n]?.setFault(fault);
    const replica = openReplica(app, witnesses);
    const workspaceId = log.newWorkspaceId();
    const { origin } = await replica.grow(workspaceId);
    await log.until(() => replica.lines.length === faults.length);
    const told = faults.map(([, problem], n) => ({
      level: 'warn',
      event: 'audit.witness_failed',
      fields: { witness: witnesses[n]?.name, origin, failures: 1, problem },
    }));
    expect(new Set(replica.lines)).toEqual(new Set(told));
    await replica.grow(workspaceId);
    expect(await replica.cosigners(workspaceId)).toEqual([]);
    expect(await replica.haltReason(workspaceId)).toBeNull();

    for (const witness of witnesses) witness.setFault(undefined);
    replica.passTime();
    await log.until(async () => (await replica.cosigners(workspaceId)).length === faults.length);
  });

  test('comes from a witness that does not know the log, or has another key for it', async () => {
    const { app } = await copyOf(database);
    const [witness, other] = [await startTrustingWitness(app), await startTrustingWitness(app)];
    witness.trustAll(async () => undefined);
    other.trustAll(async (origin) => other.verifierKey.replace(/^[^+]*/, origin));
    const replica = openReplica(app, [witness, other]);
    const workspaceId = log.newWorkspaceId();
    for (const _ of log.range(4)) await replica.grow(workspaceId);
    await log.until(() => replica.lines.length === 2);
    await sweeps(replica);
    const told = replica.lines.map(({ fields }) => [fields.witness, fields.problem]);
    expect(Object.fromEntries(told)).toEqual({ [witness.name]: 'log_unknown', [other.name]: 'key_unknown' });
    // Left alone for a while, however the log grows.
    expect([witness.requests.length, other.requests.length]).toEqual([1, 1]);
  });
});

test('what came of it is counted for each witness', async () => {
  const { app } = await copyOf(database);
  const [here, away] = [await startTrustingWitness(app), await startTrustingWitness(app)];
  away.setFault('broken');
  const replica = openReplica(app, [here, away]);
  const workspaceId = log.newWorkspaceId();
  await replica.grow(workspaceId);
  await log.until(async () => (await replica.cosigners(workspaceId)).length === 1 && replica.lines.length === 1);
  const [first, second] = replica.witnesses.read();
  expect(Object.fromEntries(first?.outcomes ?? [])).toEqual({ cosigned: 1, superseded: 0, diverged: 0, failed: 0 });
  expect(Object.fromEntries(second?.outcomes ?? [])).toEqual({ cosigned: 0, superseded: 0, diverged: 0, failed: 1 });
  expect([first?.lastCosignedAt, second?.lastCosignedAt]).toEqual([expect.any(Date), undefined]);
});

/** Several sweeps have come and gone. */
async function sweeps({ db, witnesses }: ReturnType<typeof openReplica>): Promise<void> {
  const count = () => [...(witnesses.read()[0]?.outcomes ?? [])].length;
  for (const _ of log.range(20)) {
    count();
    await db.$client`select pg_sleep(0.01)`;
  }
}

test('the doctor tells which witness is behind, and since when', async () => {
  const target = await copyOf(database);
  const [here, away] = [await startTrustingWitness(target.app), await startTrustingWitness(target.app)];
  away.setFault('broken');
  const replica = openReplica(target.app, [here, away]);
  const look = () => selectWitnessFacts(replica.db, [here.name, away.name]);
  expect(await look()).toEqual([here, away].map(({ name }) => ({ name, logs: 0, behind: 0, sinceCosignedMs: null })));
  for (const workspaceId of [log.newWorkspaceId(), log.newWorkspaceId()]) {
    await replica.grow(workspaceId);
    await log.until(async () => (await replica.cosigners(workspaceId)).length === 1);
  }
  const cosigned = { name: here.name, logs: 2, behind: 0, sinceCosignedMs: expect.any(Number) };
  // The other one is not behind for as long as that may pass.
  expect(await look()).toEqual([cosigned, { name: away.name, logs: 2, behind: 0, sinceCosignedMs: null }]);
  await replica.db.$client`
    insert into audit_log_keys (log_id, generation, origin, public_key, wrapped_key, created_at)
    select log_id, 2, origin || '/2', public_key, wrapped_key, created_at from audit_log_keys limit 1`;
  await replica.db.$client`
    insert into audit_checkpoints (log_id, generation, size, root, note, created_at)
    select log_id, 2, size, root, note, now() - interval '1 hour' from audit_checkpoints
    where log_id in (select log_id from audit_log_keys where generation = 2) limit 1`;
  expect(await look()).toMatchObject([{ behind: 1 }, { behind: 1 }]);
});
