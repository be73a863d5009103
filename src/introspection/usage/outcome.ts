import type { InactiveReason, Verdict } from '../decide.ts';

/** What came of an introspection. The caller never learns the reasons. */
export type IntrospectionOutcome = 'active' | 'missing_scope' | InactiveReason;

/**
 * What usage tells the workspace's own people. What belongs to another workspace or environment is as unknown to them as
 * what belongs to nobody: otherwise usage would say which credentials exist elsewhere.
 */
export const USAGE_OUTCOMES = [
  'active',
  'missing_scope',
  'not_yet_valid',
  'expired',
  'revoked',
  'owner_removed',
  'secret_replaced',
  'address_not_allowed',
  'address_unknown',
  'other_audience',
  'unknown',
  'malformed',
] as const;

export type UsageOutcome = (typeof USAGE_OUTCOMES)[number];

/** Of a verdict: `missing_scope` is a token that is active but may not do what it was asked about. */
export function outcomeOf(verdict: Verdict): IntrospectionOutcome {
  if (!verdict.isActive) return verdict.reason;
  return verdict.missingScope === undefined ? 'active' : 'missing_scope';
}

/** What may be told of an outcome. */
export function toldOutcome(outcome: IntrospectionOutcome): UsageOutcome {
  switch (outcome) {
    case 'not_a_token':
    case 'other_workspace':
    case 'other_environment':
      return 'unknown';
    default:
      return outcome;
  }
}

/** The outcomes of a token that was good. */
export const ADMITTED_OUTCOMES = ['active', 'missing_scope'] as const satisfies readonly UsageOutcome[];

export function isAdmitted(outcome: string): boolean {
  return outcome === 'active' || outcome === 'missing_scope';
}
