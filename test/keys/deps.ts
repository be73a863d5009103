import { afterAll } from 'vitest';
import { createFence } from '../../src/coherence/fence.ts';
import { createDigest } from '../../src/credentials/digest.ts';
import { type ConnectionTarget, openPool } from '../../src/db/connection.ts';
import type { LinkDeps } from '../../src/identity/links/links.ts';
import type { ApiKeyDeps } from '../../src/keys/create.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';

/** What key services draw on, with the real clock and a pepper of no installation; closed when the file ends. */
export function createDeps(target: ConnectionTarget): ApiKeyDeps & LinkDeps {
  const pool = openPool(target, { maxConnections: 4, applicationName: 'tooken-test' });
  afterAll(pool.close);
  const { db } = pool;
  return {
    db,
    config: { publicUrl: 'https://tooken.example.com' },
    clock: systemClock,
    random: systemRandom,
    digest: createDigest(Buffer.alloc(32, 7)),
    fence: createFence({ connections: { use: (look) => look(db) }, clock: systemClock }),
  };
}
