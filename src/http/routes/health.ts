import type { Replica } from '../../coherence/replica.ts';
import { withinDeadline } from '../../db/deadline.ts';
import type { Services } from '../../web/services.ts';
import type { Api } from '../api.ts';

/**
 * `/healthz`: the process answers. `/readyz`: it can do its work, so a balancer may send requests. A process that has
 * begun to stop says so before anything gets here (main/drain.ts).
 */
export function mountHealth(api: Api, { replica }: Pick<Services, 'replica'>): void {
  api.get('/healthz', (c) => c.json({ status: 'ok' }));
  api.get('/readyz', async (c) => {
    const reason = await unreadinessOf(replica);
    if (reason === undefined) return c.json({ status: 'ready' });
    c.header('Retry-After', '1');
    return c.json({ status: 'unavailable', reason }, 503);
  });
}

/** Balancers do not wait longer either. */
const DEADLINE_MS = 2_000;

/**
 * Why the process cannot do its work; undefined if it can. A lease is proof of a database that was there, migrated and
 * writable a moment ago, so as long as it holds nobody has to ask; however many do, the database hears nothing of it.
 */
async function unreadinessOf(replica: Replica): Promise<string | undefined> {
  try {
    if (!replica.holdsLease()) await withinDeadline(replica.requireLease(), DEADLINE_MS);
  } catch {
    return replica.status().renewals === 0 ? 'starting' : 'the database does not answer';
  }
  return Math.abs(replica.status().clockOffsetMs) > MAX_CLOCK_OFFSET_MS ? WRONG_CLOCK : undefined;
}

/** Whether a token has expired is told by the clock: with one that is off, replicas would not agree. */
const MAX_CLOCK_OFFSET_MS = 1_000;
const WRONG_CLOCK = "the clock is more than a second off the database's";
