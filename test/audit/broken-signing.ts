import { expect } from 'vitest';
import { type ConnectionTarget, type Database, openPool } from '../../src/db/connection.ts';
import type { WorkspaceId } from '../../src/lib/ids.ts';
import { type Breakage, startBreakingProxy } from './breaking-proxy.ts';
import { expectOneHistory, openTestEvidence, scratchDirectory, signAll, storedCheckpoints } from './evidence.ts';
import * as log from './log.ts';

/** The events of a log all wait: to be given a place, a key, perhaps a tile, and a checkpoint. */
export async function createWaitingLog(db: Database, events: number): Promise<WorkspaceId> {
  const workspaceId = log.newWorkspaceId();
  await log.appendAll(db, ...log.range(events).map(() => log.newEvent(workspaceId)));
  return workspaceId;
}

export interface BrokenSigning {
  readonly events: number;
  readonly breakage: Breakage;
}

/** So many at once, each with a log and a connection of its own. */
const AT_ONCE = 6;

/**
 * Places and signs for `events` events, over and over, through a connection that breaks off at the first message, at the
 * second, and so on, until nothing breaks; each time all has to be well after. Returns how often it broke.
 */
export async function breakAtEveryMessage(
  db: Database,
  target: ConnectionTarget,
  options: BrokenSigning,
): Promise<number> {
  for (let first = 1; ; first += AT_ONCE) {
    const messages = log.range(AT_ONCE).map((n) => first + n);
    const broken = await Promise.all(messages.map((message) => breakAt(db, target, options, message)));
    if (!broken.every(Boolean)) return first - 1 + broken.indexOf(false);
  }
}

async function breakAt(
  db: Database,
  target: ConnectionTarget,
  { events, breakage }: BrokenSigning,
  message: number,
): Promise<boolean> {
  const workspaceId = await createWaitingLog(db, events);
  const dataDir = scratchDirectory();
  await using proxy = await startBreakingProxy(target, { message, breakage });
  const applicationName = `signer-${message}`;
  const pool = openPool(proxy.target, { maxConnections: 1, applicationName });
  const outcome = await signAll(openTestEvidence(pool.db, { dataDir }), pool.db, workspaceId).catch((error) => error);
  // Not awaited: it waits in vain for the end of a transaction whose connection is gone.
  void pool.close();
  await untilGone(db, applicationName);
  await expectRecovery(db, workspaceId, dataDir, events);
  if (!proxy.hasBroken()) expect(outcome).toMatchObject({ size: events });
  return proxy.hasBroken();
}

/** After whatever happened: what is there is true, nothing is lost, and the log goes on as if nothing had been. */
export async function expectRecovery(
  db: Database,
  workspaceId: WorkspaceId,
  dataDir: string,
  events: number,
): Promise<void> {
  await expectOneHistory(db, workspaceId);
  const before = await storedCheckpoints(db, workspaceId);
  const evidence = openTestEvidence(db, { dataDir });
  expect(await signAll(evidence, db, workspaceId)).toMatchObject({ size: events, generation: 1 });
  await log.appendAll(db, log.newEvent(workspaceId));
  expect(await signAll(evidence, db, workspaceId)).toMatchObject({ size: events + 1, generation: 1 });
  await expectOneHistory(db, workspaceId);
  const after = await storedCheckpoints(db, workspaceId);
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after.map(({ size }) => size)).toEqual([events, events + 1]);
  expect(await log.headSize(db, workspaceId)).toBe(events + 1);
}

/** Waits until the server has noticed that these connections are gone, and has rolled back what they had begun. */
export async function untilGone(db: Database, applicationName: string): Promise<void> {
  await log.until(async () => {
    const rows = await db.$client`
      select from pg_stat_activity where datname = current_database() and application_name = ${applicationName}`;
    return rows.length === 0;
  });
}
