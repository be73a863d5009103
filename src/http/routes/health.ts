import { isReachable } from '../../db/health.ts';
import type { Api } from '../api.ts';
import type { Services } from '../services.ts';

/** `/healthz`: the process answers. `/readyz`: it can do its work, so a balancer may send requests. */
export function mountHealth(api: Api, { db }: Pick<Services, 'db'>): void {
  api.get('/healthz', (c) => c.json({ status: 'ok' }));
  api.get('/readyz', async (c) => {
    if (await isReachable(db)) return c.json({ status: 'ready' });
    c.header('Retry-After', '1');
    return c.json({ status: 'unavailable', reason: 'the database cannot be reached' }, 503);
  });
}
