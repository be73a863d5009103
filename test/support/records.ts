import { afterAll } from 'vitest';
import { createCoherence } from '../../src/coherence/coherence.ts';
import type { DigestFunction } from '../../src/credentials/digest.ts';
import { type ConnectionTarget, openPool, type PoolOptions } from '../../src/db/connection.ts';
import { createCredentialMemory } from '../../src/introspection/memory.ts';
import { createRecords, type Records } from '../../src/introspection/records.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { silentLogger } from './silent-logger.ts';

/** The records of a replica of its own on `target`, which has not registered yet. Closed when the test file ends. */
export function createTestRecords(target: ConnectionTarget, digest: DigestFunction): Records {
  const openApart = (options: PoolOptions) => openPool(target, options);
  const memory = createCredentialMemory({ maxRecords: 1_000, maxUnknown: 1_000 });
  const metrics = createMetrics();
  const foundations = { clock: systemClock, random: systemRandom, logger: silentLogger };
  const coherence = createCoherence({ ...foundations, openApart, memory, leaseMs: 2_000, meter: metrics.fences });
  const records = createRecords({ memory, replica: coherence.replica, digest, openApart, meter: metrics.loads });
  afterAll(async () => {
    await coherence.stop();
    await records[Symbol.asyncDispose]();
  });
  return records;
}

/** A database that cannot be reached. */
export function unreachable(target: ConnectionTarget): ConnectionTarget {
  return { ...target, host: '/nonexistent' };
}
