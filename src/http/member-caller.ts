import type { Context } from 'hono';
import type { MemberCaller } from '../identity/principal.ts';
import type { ApiEnv } from './api.ts';

/** The caller of an operation that is for members alone; the access table has seen to it. */
export function memberCallerOf(c: Context<ApiEnv>): MemberCaller {
  const { principal, request } = c.get('caller');
  if (principal.kind !== 'member') throw new Error('an operation for members, called by somebody else');
  return { principal, request };
}
