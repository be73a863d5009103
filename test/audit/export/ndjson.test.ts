import { describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { appendAll, newEvent, newWorkspaceId, openTestPool, range } from '../log.ts';
import { exportBytes, exportDeps, readExport } from './world.ts';

const database = await createTestDatabase();
const db = openTestPool(database.app);
const deps = exportDeps(db);

describe('an export of everything', () => {
  it.each([0, 1, 255, 256, 257, 600])('of a log of %i events rebuilds the signed root', async (size) => {
    const workspaceId = newWorkspaceId();
    await appendAll(db, ...range(size).map((n) => newEvent(workspaceId, { reason: `n-${n}` })));
    const { header, events, gaps, tiles } = readExport(await exportBytes(deps, { workspaceId }));
    expect([header.first, header.end, gaps.length]).toEqual([0, size, 0]);
    expect(events.map(({ leaf_index }) => leaf_index)).toEqual(range(size));
    expect(tiles.map(({ end }) => end)).toEqual(range(Math.floor(size / 256)).map((n) => (n + 1) * 256));
  });
});
