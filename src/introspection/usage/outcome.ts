import type { Verdict } from '../decide.ts';

/** What came of an introspection, as usage tells it to the workspace's own people; the caller never learns the reason. */
export type IntrospectionOutcome = 'active' | 'missing_scope' | Extract<Verdict, { isActive: false }>['reason'];

/** Of a verdict: `missing_scope` is a token that is active but may not do what it was asked about. */
export function outcomeOf(verdict: Verdict): IntrospectionOutcome {
  if (!verdict.isActive) return verdict.reason;
  return verdict.missingScope === undefined ? 'active' : 'missing_scope';
}
