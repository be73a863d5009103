import { newId } from '../../src/lib/ids.ts';
import type { Session } from '../../src/operator/session.ts';
import { createDeps } from '../keys/deps.ts';

/** A session as a command has it, on a database of the test. */
export function createSession(target: Parameters<typeof createDeps>[0]): Session {
  const deps = createDeps(target);
  return { ...deps, request: { id: newId('req', deps), method: 'CLI', route: 'test', ip: null, userAgent: null } };
}
