import type { Context } from 'hono';
import { findBrowserSession } from '../../identity/sessions/browser.ts';
import { decideAccess, OPERATIONS, type OperationName } from '../../rights/rights.ts';
import type { PageDeps } from './deps.ts';
import type { PageEnv } from './env.ts';
import type { Visit } from './visit.ts';

/** Whether a visitor may still have a long answer. Ask before each piece. Rejects when nobody can tell. */
export type Recheck = () => Promise<boolean>;

/** Looks again at who holds the cookie of a visit, against the same row of the rights table. That is no use of the session. */
export function createRecheck(
  c: Context<PageEnv>,
  { services, cookies }: Pick<PageDeps, 'services' | 'cookies'>,
  { caller }: Visit,
  needs: OperationName,
): Recheck {
  // Taken out now, so that a long answer does not hold on to all of its request.
  const cookie = cookies.session.read(c);
  const { principal } = caller;
  return async () => {
    const session = await findBrowserSession(services, cookie);
    if (session === undefined) return false;
    const { access, scopes } = session.member;
    const { authenticatedAt } = session;
    const now = services.clock.now();
    const present = { ...principal, access, scopes, authenticatedAt };
    return decideAccess(OPERATIONS[needs], present, { now, workspace: session.workspace.id }).allowed;
  };
}
