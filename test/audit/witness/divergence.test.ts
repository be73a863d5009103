import { describe, expect, test } from 'vitest';
import { logIdOf } from '../../../src/audit/events/append.ts';
import { createTestDatabase } from '../../support/database.ts';
import { startWitness, type TestWitness } from '../../support/witness.ts';
import * as log from '../log.ts';
import { copyOf, openReplica, startTrustingWitness } from './world.ts';

const template = await createTestDatabase();

/** A log of 5 events that a witness has cosigned, the backup made then, and 3 more events that it has cosigned, too. */
async function createPast() {
  const database = await copyOf(template);
  const workspaceId = log.newWorkspaceId();
  const witness = await startWitness();
  const first = openReplica(database.app, [witness]);
  witness.trustAll((origin) => first.verifierKeyOf(origin));
  const { logId } = await first.grow(workspaceId, 5);
  await log.until(async () => (await first.cosigners(workspaceId)).length === 1);
  await first.stop();
  const backup = await copyOf(database);
  const second = openReplica(database.app, [witness]);
  await second.grow(workspaceId, 3);
  await log.until(async () => (await second.cosigners(workspaceId)).length === 1);
  await second.stop();
  return { workspaceId, logId, witness, backup: backup.app };
}

const LOSS = (witness: TestWitness, size: number) =>
  `The witness ${witness.name} has seen a checkpoint of ${size} events that this database does not have: it was restored from an older backup.`;
const CHANGE = (witness: TestWitness, size: number) =>
  `The witness ${witness.name} has seen other events than this database has, among the first ${size}: the log was changed, or restored and continued.`;

describe('a database that was restored from an older backup', () => {
  test('is not signed for: the witness is ahead, and the refusal says how to proceed', async () => {
    const { backup, witness, workspaceId, logId } = await createPast();
    const replica = openReplica(backup, [witness]);
    await expect(replica.grow(workspaceId)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(LOSS(witness, 8)),
    });
    const reason = await replica.haltReason(workspaceId);
    expect(reason).toContain('Restore a newer backup, or begin anew with `tooken audit reopen');
    expect(replica.lines).toContainEqual({
      level: 'error',
      event: 'audit.log_halted',
      fields: { log: workspaceId, reason },
    });
    // What was signed before goes on being served.
    expect(await replica.checkpoints.latest(logId)).toMatchObject({ size: 5 });
  });

  test('is not signed for when it has grown past what the witness has seen, either', async () => {
    const { backup, witness, workspaceId } = await createPast();
    const replica = openReplica(backup, [witness]);
    await expect(replica.grow(workspaceId, 20)).rejects.toThrow(LOSS(witness, 8));
  });

  test('is halted for every replica by the first that asks', async () => {
    const { backup, witness, workspaceId } = await createPast();
    const [asking, other] = [openReplica(backup, [witness]), openReplica(backup, [])];
    await expect(asking.grow(workspaceId)).rejects.toThrow(LOSS(witness, 8));
    await expect(other.grow(workspaceId)).rejects.toThrow(LOSS(witness, 8));
  });

  test('is halted later, when the witness was away at first', async () => {
    const { backup, witness, workspaceId } = await createPast();
    witness.setFault('broken');
    const replica = openReplica(backup, [witness]);
    await replica.grow(workspaceId);
    expect(await replica.haltReason(workspaceId)).toBeNull();
    witness.setFault(undefined);
    replica.passTime();
    await log.until(async () => (await replica.haltReason(workspaceId)) !== null);
    expect(await replica.haltReason(workspaceId)).toContain(LOSS(witness, 8));
    await expect(replica.grow(workspaceId)).rejects.toThrow(LOSS(witness, 8));
  });
});

describe('a history that was forked', () => {
  test('at a size that the witness has seen is refused: it has another root', async () => {
    const { backup, witness, workspaceId } = await createPast();
    witness.setFault('broken');
    const forked = openReplica(backup, [witness]);
    expect(await forked.grow(workspaceId, 3)).toMatchObject({ size: 8 });
    await forked.stop();
    witness.setFault(undefined);
    const replica = openReplica(backup, [witness]);
    await expect(replica.grow(workspaceId)).rejects.toThrow(CHANGE(witness, 8));
  });

  test('is refused when it has gone on since: the witness cannot follow the proof', async () => {
    const { backup, witness, workspaceId } = await createPast();
    witness.setFault('broken');
    const forked = openReplica(backup, [witness]);
    for (const size of [8, 11]) expect(await forked.grow(workspaceId, 3)).toMatchObject({ size });
    await forked.stop();
    witness.setFault(undefined);
    const replica = openReplica(backup, [witness]);
    await expect(replica.grow(workspaceId)).rejects.toThrow(CHANGE(witness, 8));
  });

  test('is refused by one of two witnesses, though the other knows nothing of it', async () => {
    const { backup, witness, workspaceId } = await createPast();
    const ignorant = await startTrustingWitness(backup);
    const replica = openReplica(backup, [ignorant, witness]);
    await expect(replica.grow(workspaceId)).rejects.toThrow(LOSS(witness, 8));
  });
});

describe('a witness that says what cannot be', () => {
  test('stops the log at once if it claims to be ahead: whom to believe is for people to say', async () => {
    const { app } = await copyOf(template);
    const witness = await startTrustingWitness(app);
    const replica = openReplica(app, [witness], { timing: { sweepMs: 3_600_000 } });
    const workspaceId = log.newWorkspaceId();
    await replica.grow(workspaceId);
    await log.until(async () => (await replica.cosigners(workspaceId)).length === 1);
    witness.setFault('boastful');
    await replica.grow(workspaceId);
    await log.until(async () => (await replica.haltReason(workspaceId)) !== null);
    expect(await replica.haltReason(workspaceId)).toContain(LOSS(witness, 9_999_999_999));
  });

  test('does not stop the log by denying what it has signed', async () => {
    const { app } = await copyOf(template);
    const witness = await startTrustingWitness(app);
    const replica = openReplica(app, [witness]);
    const workspaceId = log.newWorkspaceId();
    await replica.grow(workspaceId, 3);
    await log.until(async () => (await replica.cosigners(workspaceId)).length === 1);
    witness.setFault('stubborn');
    await replica.grow(workspaceId, 3);
    await log.until(() => replica.lines.length > 0);
    expect(replica.lines[0]).toMatchObject({ event: 'audit.witness_failed', fields: { problem: 'contradictory' } });
    expect(await replica.grow(workspaceId)).toMatchObject({ logId: logIdOf(workspaceId), size: 7 });
  });
});
