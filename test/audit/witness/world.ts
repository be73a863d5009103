import { onTestFinished } from 'vitest';
import type { StoredCheckpoint } from '../../../src/audit/checkpoints/checkpoint-store.ts';
import { type Checkpoints, createCheckpoints } from '../../../src/audit/checkpoints/checkpoints.ts';
import { createLogKeys } from '../../../src/audit/checkpoints/log-key.ts';
import { formatVerifierKey, makeVerifierKey } from '../../../src/audit/core/verifier-key.ts';
import { logIdOf } from '../../../src/audit/events/append.ts';
import { sha256 } from '../../../src/audit/hashing.ts';
import { drainForRead } from '../../../src/audit/sequencer/drain.ts';
import { createWitnesses, type Witnesses, type WitnessTiming } from '../../../src/audit/witness/witnesses.ts';
import { readConfig } from '../../../src/config/config.ts';
import { type ConnectionTarget, type Database, openPool } from '../../../src/db/connection.ts';
import { type Clock, systemClock } from '../../../src/lib/clock.ts';
import type { WorkspaceId } from '../../../src/lib/ids.ts';
import type { TestDatabase } from '../../support/database.ts';
import { runAsOwner } from '../../support/server.ts';
import { startWitness, type TestWitness } from '../../support/witness.ts';
import { PUBLIC_URL, WRAPPING_KEY } from '../evidence.ts';
import * as log from '../log.ts';

/** What signs for logs and takes that to witnesses, as one process does. Nothing runs by itself but what they do. */
export interface Replica {
  readonly db: Database;
  readonly checkpoints: Checkpoints;
  readonly witnesses: Witnesses;
  /** What was logged. */
  readonly lines: readonly LogLine[];
  /** All pauses are over. */
  passTime(): void;
  /** Appends `count` events and has all of the log signed for. */
  grow(workspaceId: WorkspaceId | null, count?: number): Promise<StoredCheckpoint>;
  /** The names in the cosignatures of the latest checkpoint. */
  cosigners(workspaceId: WorkspaceId | null): Promise<string[]>;
  /** Why the log is halted. */
  haltReason(workspaceId: WorkspaceId): Promise<string | null>;
  /** Of the log of that origin, as the database has it. */
  verifierKeyOf(origin: string): Promise<string | undefined>;
  stop(): Promise<void>;
}

export interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const TIMING: WitnessTiming = { deadlineMs: 5_000, askMs: 2_000, sweepMs: 20, graceMs: 0, stopMs: 1_000 };

interface ReplicaOptions {
  readonly timing?: Partial<WitnessTiming>;
}

export function openReplica(
  target: ConnectionTarget,
  witnesses: readonly TestWitness[],
  { timing }: ReplicaOptions = {},
): Replica {
  const { db, close } = openPool(target, { maxConnections: 8, applicationName: 'tooken-test' });
  const lines: LogLine[] = [];
  let aheadMs = 0;
  const clock: Clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs };
  const logger = {
    log: (level: string, event: string, fields = {}) => void lines.push({ level, event, fields }),
    isEnabled: () => true,
  };
  const logKeys = createLogKeys({ ...log.deps, wrappingKey: WRAPPING_KEY, publicUrl: PUBLIC_URL });
  const configured = readConfig({ TOOKEN_WITNESSES: witnesses.map(({ entry }) => entry).join(',') }).witnesses;
  const watching = createWitnesses({ db, clock, logger, witnesses: configured, timing: { ...TIMING, ...timing } });
  const checkpoints = createCheckpoints({ db, clock, logger, logKeys, guards: [watching.guard] });
  watching.start(checkpoints);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= watching.stop().then(close);
    return stopped;
  };
  onTestFinished(stop);
  return {
    db,
    checkpoints,
    witnesses: watching,
    lines,
    passTime() {
      aheadMs += 24 * 3_600_000;
    },
    async grow(workspaceId, count = 1) {
      await log.appendAll(db, ...log.range(count).map(() => log.newEvent(workspaceId)));
      const logId = logIdOf(workspaceId);
      return await checkpoints.covering(logId, await drainForRead(db, logId));
    },
    async cosigners(workspaceId) {
      const latest = await checkpoints.latest(logIdOf(workspaceId));
      return (latest?.cosignatures ?? []).map((line) => line.split(' ')[1] ?? '');
    },
    async haltReason(workspaceId) {
      const [row] = await db.$client<{ reason: string | null }[]>`
        select halt_reason as reason from audit_logs where id = ${logIdOf(workspaceId)}`;
      return row?.reason ?? null;
    },
    verifierKeyOf: (origin) => findVerifierKey(db, origin),
    stop,
  };
}

async function findVerifierKey(db: Database, name: string): Promise<string | undefined> {
  const [row] = await db.$client<{ publicKey: Buffer }[]>`
    select public_key as "publicKey" from audit_log_keys where origin = ${name}`;
  return row && formatVerifierKey(makeVerifierKey(sha256, { name, algorithm: 'ed25519', ...row }));
}

/** A witness that trusts the logs in a database by the keys that lie there, as if its operator had been told of each. */
export async function startTrustingWitness(target: ConnectionTarget): Promise<TestWitness> {
  const witness = await startWitness();
  const { db, close } = openPool(target, { maxConnections: 1, applicationName: 'tooken-test' });
  onTestFinished(close);
  witness.trustAll((origin) => findVerifierKey(db, origin));
  return witness;
}

let copies = 0;

/** The database as it is now, in another one, dropped when the test ends. Nobody may be connected to it meanwhile. */
export async function copyOf({ owner, app }: TestDatabase): Promise<TestDatabase> {
  copies += 1;
  const database = `${owner.database}_${copies}`;
  await runAsOwner({ ...owner, database: 'postgres' }, `create database ${database} template ${owner.database}`);
  onTestFinished(() =>
    runAsOwner({ ...owner, database: 'postgres' }, `drop database if exists ${database} with (force)`),
  );
  return { owner: { ...owner, database }, app: { ...app, database } };
}
