import { isVisible } from '../../../src/coherence/snapshot.ts';
import { deleteRows, takeSnapshot } from './postgres.ts';
import { NOTHING_SEEN, type Setup } from './setup.ts';
import type { Step, World } from './world.ts';

/** What somebody does at times to keep the tables short. */
export function* upkeepSteps(setup: Setup, world: World): Generator<Step> {
  if (setup.purging) yield* purgeSteps(setup, world);
  if (setup.watching) yield* watchSteps(setup, world);
}

function* purgeSteps({ rules }: Setup, world: World): Generator<Step> {
  const { database } = world;
  const snapshot = takeSnapshot(database);
  const invalidations = database.invalidations.filter(
    ({ xid }) => !isVisible(xid, snapshot) || !rules.isPurgeable(xid, database.rows),
  );
  if (invalidations.length === database.invalidations.length) return;
  yield { label: 'old invalidations are deleted', next: { ...world, database: { ...database, invalidations } } };
}

/** A row that has not been renewed since it was seen a full lease ago belongs to nobody who may rely on it. */
function* watchSteps({ rules }: Setup, world: World): Generator<Step> {
  const { database, watch } = world;
  const { row: seen, sinceMs } = watch;
  if (seen === undefined) {
    for (const { id, renewals, leaseMs } of database.rows) {
      const next: World = { ...world, watch: { row: { id, renewals, leaseMs }, sinceMs: 0 } };
      yield { label: `upkeep notes the row of ${id}`, next };
    }
    return;
  }
  if (!rules.mayEvict(sinceMs, seen.leaseMs)) return;
  const left = deleteRows(database, (row) => rules.isAsLeft(seen, row));
  const next: World = { ...world, watch: NOTHING_SEEN, database: left };
  yield { label: `upkeep deletes the row of ${seen.id}, if not renewed meanwhile`, next };
}
