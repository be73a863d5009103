import { describe, expect, test } from 'vitest';
import { logIdOf } from '../../src/audit/append.ts';
import { openCheckpoint } from '../../src/audit/core/checkpoint.ts';
import { parseVerifierKey } from '../../src/audit/core/verifier-key.ts';
import { sha256, verifyEd25519 } from '../../src/audit/hashing.ts';
import { createTestDatabase } from '../support/database.ts';
import { naiveRoot, openTestEvidence, signAll } from './evidence.ts';
import * as log from './log.ts';

const database = await createTestDatabase();
const db = log.openTestPool(database.app, 10);
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
