import type { Damage } from '../audit/core/damage.ts';
import { explainDamage } from '../audit/core/damage-texts.ts';

/** A damage as commands show it. */
export interface DamageView {
  /** Stable: scripts may rely on it. */
  readonly code: string;
  readonly meaning: string;
  readonly found: string;
  readonly advice: string;
  /** Counted from 1. */
  readonly line: number | null;
  readonly first_leaf: number | null;
  /** The leaf after the last one. */
  readonly end_leaf: number | null;
  readonly event_id: string | null;
}

export function viewDamage({ code, found, line, leaves, eventId }: Damage, where: 'export' | 'database'): DamageView {
  const { meaning, advice } = explainDamage(code, where);
  return {
    code,
    meaning,
    found,
    advice,
    line,
    first_leaf: leaves?.first ?? null,
    end_leaf: leaves?.end ?? null,
    event_id: eventId,
  };
}
