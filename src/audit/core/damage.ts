import type { DamageCode } from './damage-texts.ts';

/** Something that is wrong with an export, or with a log. */
export interface Damage {
  readonly code: DamageCode;
  /** What was found, in a sentence. Nothing in it comes from the export but numbers, ids and hashes. */
  readonly found: string;
  /** Counted from 1; null if it is about no single line. */
  readonly line: number | null;
  /** From `first` to before `end`; null if it is about no leaves. */
  readonly leaves: { readonly first: number; readonly end: number } | null;
  /** Of the event that is shown there, if one is. */
  readonly eventId: string | null;
}

/** Ends a verification. */
export class DamageFound extends Error {
  override readonly name = 'DamageFound';
  readonly damage: Damage;

  constructor(damage: Damage) {
    super(damage.found);
    this.damage = damage;
  }
}

export function damageAt(
  line: number | null,
  code: DamageCode,
  found: string,
  { leaves = null, eventId = null }: Partial<Pick<Damage, 'leaves' | 'eventId'>> = {},
): DamageFound {
  return new DamageFound({ code, found, line, leaves, eventId });
}

/** `leaf 7`, `leaves 7 to 9`; for one that is empty, where it would be. */
export function nameLeaves({ first, end }: { readonly first: number; readonly end: number }): string {
  return end - first <= 1 ? `leaf ${first}` : `leaves ${first} to ${end - 1}`;
}
