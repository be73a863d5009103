/** What a check has found, for somebody who has to decide whether to do something. */
export interface Finding {
  readonly level: Level;
  /** What is there, in one line. */
  readonly found: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** `warning`: it works, and could go wrong. `problem`: it does not work, or will not when it is needed. */
export type Level = 'ok' | 'warning' | 'problem';

export const ok = (found: string): Finding => ({ level: 'ok', found });
export const warning = (found: string, advice: string): Finding => ({ level: 'warning', found, advice });
export const problem = (found: string, advice?: string): Finding => ({
  level: 'problem',
  found,
  ...(advice !== undefined && { advice }),
});

/** Something that was looked for: what is there, or one line about why it could not be seen. */
export type Seen<Value> = { readonly value: Value } | { readonly failure: string };

export function valueIn<Value>(seen: Seen<Value> | undefined): Value | undefined {
  return seen !== undefined && 'value' in seen ? seen.value : undefined;
}

/** What can be told of something that was seen. */
export function mapSeen<Value, Told>(seen: Seen<Value>, tell: (value: Value) => Told): Seen<Told> {
  return 'value' in seen ? { value: tell(seen.value) } : seen;
}

/** `3 h`, `250 ms`: a duration as precise as somebody wants it who asks whether all is well. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  const [size, unit] = DURATION_UNITS.find(([unitMs]) => ms >= unitMs) ?? [1_000, 's'];
  const count = ms / size;
  return `${count < 10 ? Number(count.toFixed(1)) : Math.round(count)} ${unit}`;
}

const DURATION_UNITS = [
  [86_400_000, 'days'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const;

/** `1 replica`, `2 replicas`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? noun : plural}`;
}
