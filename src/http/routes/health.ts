import type { Replica } from '../../coherence/replica.ts';
import { withinDeadline } from '../../db/deadline.ts';
import type { Api } from '../api.ts';
import type { Services } from '../services.ts';

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
  if (replica.holdsLease()) return undefined;
  try {
    await withinDeadline(replica.requireLease(), DEADLINE_MS);
    return undefined;
  } catch {
    return replica.status().renewals === 0 ? 'starting' : 'the database does not answer';
  }
}
