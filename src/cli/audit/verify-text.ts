import type { DamageView } from '../../operator/audit-verdict.ts';
import { printable } from '../text.ts';

/** One line each, names in a column. */
export function formatFacts(facts: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...facts.map(([name]) => name.length)) + 2;
  return facts.map(([name, value]) => `${name.padEnd(width)}${printable(value)}\n`).join('');
}

/** What it is, where it is, and what to do. */
export function describeDamage({ code, meaning, found, advice, line, event_id }: DamageView): string[] {
  const place = [...(line === null ? [] : [`line ${line}`]), ...(event_id === null ? [] : [event_id])].join(', ');
  return [`${code}${place === '' ? '' : ` (${place})`}: ${found}`, meaning, `What to do: ${advice}`];
}
