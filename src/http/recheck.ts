import type { Context } from 'hono';
import { authenticate } from '../introspection/authenticate.ts';
import type { DecisionDeps } from '../introspection/turn.ts';
import type { OperationAccess } from '../rights/operation.ts';
import { decideAccess } from '../rights/rights.ts';
import type { ApiEnv } from './api.ts';
import { credentialsOf } from './middleware/access.ts';

/**
 * Asks again whether the caller of a long answer may still have it: the same credential from the same address, against the
 * same row of the access table. For what is sent in pieces over minutes; ask before each piece.
 *
 * It counts nothing: neither a use of the credential nor a call against its limits. Rejects when nobody can tell, as when
 * the database is away and memory has no lease; then nothing more may be sent either.
 */
export function createRecheck(
  c: Context<ApiEnv>,
  services: DecisionDeps,
  access: OperationAccess,
): () => Promise<boolean> {
  // Taken out now, so that a long answer does not hold on to all of its request.
  const credentials = credentialsOf(c);
  const workspace = c.req.param('workspace');
  return async () => {
    const authentication = await authenticate(services, credentials);
    return (
      authentication.outcome === 'authenticated' &&
      decideAccess(access, authentication.principal, { now: services.clock.now(), workspace }).allowed
    );
  };
}
