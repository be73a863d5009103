import { describe, expect, test } from 'vitest';
import { proveConsistency, proveInclusion, verifyConsistency, verifyInclusion } from '../../src/audit/core/proof.ts';
import { encodeEntry } from '../../src/audit/core/tile.ts';
import { logIdOf } from '../../src/audit/events/append.ts';
import { sha256 } from '../../src/audit/hashing.ts';
import { nodeReader } from '../../src/audit/sequencer/tree.ts';
import { readEntries, readTiles } from '../../src/audit/sequencer/tree-store.ts';
import type { WorkspaceId } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { tilesOf } from './core/trees.ts';
import { fillLog, naiveRoot, openTestEvidence, signAll } from './evidence.ts';
import * as log from './log.ts';

const database = await createTestDatabase();
const db = log.openTestPool(database.app, 10);
const owner = log.openTestClient(database.owner);
const evidence = openTestEvidence(db);

const addEvents = (workspaceId: WorkspaceId, count: number) =>
  log.appendAll(db, ...log.range(count).map(() => log.newEvent(workspaceId)));

async function tileCounts(workspaceId: WorkspaceId): Promise<number[]> {
  const rows = await db.$client<{ count: number }[]>`
    select count(*)::int as count from audit_tiles where log_id = ${logIdOf(workspaceId)} group by level order by level`;
  return rows.map(({ count }) => count);
}

describe('the root that is signed is that of the leaves', () => {
  test.each([0, 1, 2, 255, 256, 257, 511, 513])('for a log of %i events', async (size) => {
    const workspaceId = log.newWorkspaceId();
    if (size > 0) await addEvents(workspaceId, size);
    const stored = await signAll(evidence, db, workspaceId);
    expect(stored.size).toBe(size);
    expect(stored.root).toEqual(await naiveRoot(db, workspaceId, size));
  });

  test('as a log grows one by one over the end of a tile, and each is proven to begin with the one before', async () => {
    const workspaceId = log.newWorkspaceId();
    const logId = logIdOf(workspaceId);
    await addEvents(workspaceId, 254);
    let before = await signAll(evidence, db, workspaceId);
    for (const size of [255, 256, 257, 258]) {
      await addEvents(workspaceId, 1);
      const stored = await signAll(evidence, db, workspaceId);
      expect(stored.size).toBe(size);
      expect(stored.root).toEqual(await naiveRoot(db, workspaceId, size));
      const proof = await proveConsistency(sha256, nodeReader(db, logId, size), before.size, size);
      const claim = { oldSize: before.size, oldRoot: before.root, newSize: size, newRoot: stored.root, proof };
      expect(verifyConsistency(sha256, claim)).toBe(true);
      before = stored;
    }
  });

  test('around 65,536 events, in a log that had no tiles', { timeout: 60_000 }, async () => {
    const workspaceId = log.newWorkspaceId();
    const logId = logIdOf(workspaceId);
    await fillLog(owner, workspaceId, 65_535);
    const tiles = { 65535: [255], 65536: [256, 1], 65537: [256, 1] };
    for (const [text, counts] of Object.entries(tiles)) {
      const size = Number(text);
      const stored = await signAll(evidence, db, workspaceId);
      expect(stored.size).toBe(size);
      expect(stored.root).toEqual(await naiveRoot(db, workspaceId, size));
      expect(await tileCounts(workspaceId)).toEqual(counts);
      for (const index of [0, 255, 256, 65_279, 65_280, size - 1]) {
        const proof = await proveInclusion(sha256, nodeReader(db, logId, size), index, size);
        const leafHash = await leafHashOf(workspaceId, index);
        expect(verifyInclusion(sha256, { index, size, leafHash, root: stored.root, proof })).toBe(true);
      }
      await addEvents(workspaceId, 1);
    }
  });
});

describe('tiles', () => {
  test('of a log that had none are made in portions, whole, before it signs', { timeout: 60_000 }, async () => {
    const workspaceId = log.newWorkspaceId();
    await fillLog(owner, workspaceId, 70_000);
    const stored = await signAll(evidence, db, workspaceId);
    expect(await tileCounts(workspaceId)).toEqual([273, 1]);
    const widths = tilesOf(70_000).map(({ level, index, width }) => ({ level, index, width }));
    expect(widths.slice(-3)).toEqual([
      { level: 1, index: 0, width: 256 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ]);
    const tiles = await readTiles(db, logIdOf(workspaceId), tilesOf(70_000));
    expect(tiles.map((bytes) => bytes.byteLength / 32)).toEqual(widths.map(({ width }) => width));
    expect(stored.root).toEqual(await naiveRoot(db, workspaceId, 70_000));
  });

  test('are there for every size that a log has had', async () => {
    const workspaceId = log.newWorkspaceId();
    const logId = logIdOf(workspaceId);
    await addEvents(workspaceId, 300);
    await signAll(evidence, db, workspaceId);
    const [full = Buffer.of()] = await readTiles(db, logId, [{ level: 0, index: 0, width: 256 }]);
    for (const width of [1, 17, 255]) {
      const [partial] = await readTiles(db, logId, [{ level: 0, index: 0, width }]);
      expect(partial).toEqual(full.subarray(0, width * 32));
    }
  });

  test('hold the largest entry there can be', async () => {
    const workspaceId = log.newWorkspaceId();
    const empty = { actor: { type: 'system', id: null, name: null }, targets: [], request: null } as const;
    const eventOf = (size: number) =>
      log.newEvent(workspaceId, { ...empty, changes: [{ field: 'scopes', old: null, new: 'x'.repeat(size) }] });
    await log.appendAll(db, eventOf(0));
    await signAll(evidence, db, workspaceId);
    const [small] = await readEntries(db, logIdOf(workspaceId), 0, 1);
    await log.appendAll(db, eventOf(65_535 - (small?.byteLength ?? 0)));
    const stored = await signAll(evidence, db, workspaceId);
    expect(stored.root).toEqual(await naiveRoot(db, workspaceId, 2));
    const [, large = Buffer.of()] = await readEntries(db, logIdOf(workspaceId), 0, 2);
    expect(large.byteLength).toBe(65_535);
    expect(encodeEntry(large).subarray(0, 2)).toEqual(Uint8Array.of(0xff, 0xff));
  });

  test('that are not there in their whole width are refused', async () => {
    const workspaceId = log.newWorkspaceId();
    const logId = logIdOf(workspaceId);
    await addEvents(workspaceId, 2);
    await signAll(evidence, db, workspaceId);
    await expect(readTiles(db, logId, [{ level: 0, index: 0, width: 3 }])).rejects.toThrow('not whole');
    await expect(readTiles(db, logId, [{ level: 0, index: 1, width: 1 }])).rejects.toThrow('not whole');
    await expect(readEntries(db, logId, 0, 3)).rejects.toThrow('not whole');
  });

  test('of entries hold the bytes that the leaves hash', async () => {
    const workspaceId = log.newWorkspaceId();
    await addEvents(workspaceId, 3);
    await signAll(evidence, db, workspaceId);
    for (const [index, entry] of (await readEntries(db, logIdOf(workspaceId), 0, 3)).entries()) {
      expect(sha256(Buffer.concat([Buffer.of(0), entry]))).toEqual(await leafHashOf(workspaceId, index));
    }
  });
});

async function leafHashOf(workspaceId: WorkspaceId, index: number): Promise<Buffer> {
  const [row] = await db.$client<{ hash: Buffer }[]>`
    select hash from audit_leaves where log_id = ${logIdOf(workspaceId)} and leaf_index = ${index}`;
  return row?.hash ?? Buffer.of();
}
