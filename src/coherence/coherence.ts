import type { DatabasePool, PoolOptions } from '../db/connection.ts';
import { createOwnConnections } from '../db/own-connections.ts';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { FenceMeter } from '../telemetry/metrics.ts';
import { createEar } from './ear.ts';
import { createFence, type Fence } from './fence.ts';
import { decodeConfirmation, decodeTell, TELL_CHANNEL } from './messages.ts';
import { createReplica, type Replica, type ReplicaMemory } from './replica.ts';
import { createUpkeep } from './upkeep.ts';

/** This process among the replicas of one database: what it may answer from memory, and how its changes reach all. */
export interface Coherence {
  readonly replica: Replica;
  readonly fence: Fence;
  start(): void;
  stop(): Promise<void>;
}

export interface CoherenceOptions {
  openApart(options: PoolOptions): DatabasePool;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly memory: ReplicaMemory;
  readonly leaseMs: number;
  readonly meter: FenceMeter;
}

/** Renewals, and beside them what fences ask and confirm. */
const CONNECTIONS = 2;
/** A renewal that takes longer has lost its worth. */
const DEADLINE_MS = 3_000;

export function createCoherence(options: CoherenceOptions): Coherence {
  const { openApart, clock, logger, meter } = options;
  const connections = createOwnConnections(
    () => openApart({ maxConnections: CONNECTIONS, applicationName: 'tooken-replica' }),
    DEADLINE_MS,
  );
  const replica = createReplica({ ...options, connections });
  const fence = createFence({
    connections,
    clock,
    self: replica,
    onEvicted(count) {
      meter.evictions += count;
      logger.log('warn', 'coherence.replica_evicted', { count });
    },
    onFenced({ waitedMs }) {
      meter.seconds.observe(waitedMs / 1000);
      meter.outcomes.add('effective');
    },
    onFailed: () => meter.outcomes.add('failed'),
  });
  const ear = createEar({
    open: () => openApart({ maxConnections: 1, applicationName: 'tooken-listen' }),
    connections,
    ownChannel: replica.replyChannel,
    handlers: new Map([
      [TELL_CHANNEL, (text) => ifAny(decodeTell(text), (tell) => replica.hear(tell))],
      [replica.replyChannel, (text) => ifAny(decodeConfirmation(text), (one) => replica.hearConfirmation(one))],
    ]),
  });
  const upkeep = createUpkeep({ connections, clock });
  return {
    replica,
    fence,
    start() {
      ear.start();
      replica.start();
      upkeep.start();
    },
    async stop() {
      upkeep.stop();
      await Promise.all([ear.stop(), replica.stop()]);
      await connections.close();
    },
  };
}

function ifAny<Value>(value: Value | undefined, act: (value: Value) => void): void {
  if (value !== undefined) act(value);
}
