import { acknowledge, type Database, deleteRows, insertRow, type Statement, takeSnapshot } from './postgres.ts';
import type { Setup } from './setup.ts';
import { type Replica, type Step, type World, withReplica } from './world.ts';

/** Replica `n` gives up waiting for what it has sent, which PostgreSQL may still carry out. */
export function withGivenUp(world: World, n: number, change: Partial<Replica>): World {
  const replica = world.replicas[n];
  const orphans = [...world.database.orphans, ...(replica === undefined ? [] : sentBy(replica))];
  const database = { ...world.database, orphans };
  return withReplica({ ...world, database }, n, { errand: undefined, leaving: undefined, ...change });
}

function sentBy({ errand, leaving }: Replica): readonly Statement[] {
  const sent: Statement[] = [];
  if (errand?.kind === 'registration' && errand.at !== 'committed') {
    sent.push({ kind: 'insert', id: errand.id, renewals: 0 });
  }
  if (errand?.kind === 'renewal' && errand.at === 'acknowledging' && errand.snapshot !== undefined) {
    const { id, renewals } = errand.renewal.registration;
    sent.push({ kind: 'acknowledge', id, renewals, acked: errand.snapshot });
  }
  if (leaving !== undefined && !leaving.isDeleted) {
    const { id, renewals } = leaving.registration;
    sent.push({ kind: 'delete', id, renewals });
  }
  return sent;
}

/** PostgreSQL carries out statements that nobody waits for. */
export function* orphanSteps(setup: Setup, world: World): Generator<Step> {
  for (const orphan of world.database.orphans) {
    const orphans = world.database.orphans.filter((each) => each !== orphan);
    const database = carryOut(setup, { ...world.database, orphans }, orphan);
    yield {
      label: `PostgreSQL carries out the ${orphan.kind} of ${orphan.id}, too late`,
      next: { ...world, database },
    };
  }
}

function carryOut({ rules, leaseMs }: Setup, database: Database, orphan: Statement): Database {
  const { id, renewals } = orphan;
  switch (orphan.kind) {
    case 'insert':
      return insertRow(database, { id, renewals, acked: takeSnapshot(database), leaseMs });
    case 'acknowledge':
      return acknowledge(database, orphan.acked, (row) => rules.isAsLeft(orphan, row)).database;
    case 'delete':
      return deleteRows(database, (row) => rules.isAsLeft(orphan, row));
  }
}
