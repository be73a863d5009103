import type { OperationAccess } from '../../src/rights/operation.ts';
import { OAUTH_OPERATIONS, OPERATIONS } from '../../src/rights/rights.ts';
import type { Walker } from './access-walkers.ts';

export const MANAGEMENT_OPERATIONS: [string, OperationAccess][] = Object.entries(OPERATIONS);
export const ALL_OPERATIONS: [string, OperationAccess][] = Object.entries({ ...OPERATIONS, ...OAUTH_OPERATIONS });

export type Verdict = 'allowed' | 'forbidden' | 'insufficient_scope' | 'insufficient_user_authentication';

/** Who is meant by what a row says of members. */
const ADMITTED = {
  all: ['owner', 'admin', 'member', 'auditor'],
  managers: ['owner', 'admin'],
  managers_and_auditors: ['owner', 'admin', 'auditor'],
  all_but_auditors: ['owner', 'admin', 'member'],
  never: [],
} as const satisfies Record<OperationAccess['member'], readonly string[]>;

/** What the table says of a caller, told without the code under test. */
export function expectedOf(row: OperationAccess, walker: Walker): Verdict {
  const admitted: readonly string[] = ADMITTED[row.member];
  if (walker.kind === 'member') {
    if (!admitted.includes(walker.access ?? '')) return 'forbidden';
    return row.stepUp === true && walker.isStale === true ? 'insufficient_user_authentication' : 'allowed';
  }
  if (walker.kind === 'api_key') {
    if (row.apiKey === 'never') return 'forbidden';
  } else {
    if (row.token === 'never') return 'forbidden';
    if (row.token !== 'any') {
      const isRead = row.token === 'tokens:read' && walker.scope === 'tokens:write';
      if (walker.scope !== row.token && !isRead) return 'insufficient_scope';
      if (walker.access !== undefined && !admitted.includes(walker.access)) return 'forbidden';
    }
  }
  return row.apiKey === 'live' && walker.environment === 'test' ? 'forbidden' : 'allowed';
}
