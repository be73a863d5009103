import type { Context } from 'hono';
import { sourceOf } from '../../lib/addresses.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { PageDeps } from './deps.ts';
import type { PageEnv } from './env.ts';

/** As with the API, where guesses come from is slowed down. */
export function countFailure(c: Context<PageEnv>, { services }: PageDeps, { code }: ServiceError): void {
  if (code !== 'invalid_credentials' && code !== 'account_locked') return;
  const { failures } = services.limits;
  const source = sourceOf(c.get('address') ?? 'unknown');
  if (!failures.take(source)) throw new ServiceError('rate_limited', failures.standingOf(source));
}
