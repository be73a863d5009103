/** One thing that was looked at, and what came of it. */
export interface Step {
  /** What should be so, as a statement. */
  readonly title: string;
  /** `open` is what was not looked at, or cannot be told. */
  readonly outcome: 'holds' | 'fails' | 'open';
  /** In a sentence or two. */
  readonly said: string;
  /** What there is to compare with one's own record. */
  readonly numbers?: readonly Fact[];
}

export type Fact = readonly [name: string, value: string];

export function holds(title: string, said: string, numbers: readonly Fact[] = []): Step {
  return { title, outcome: 'holds', said, numbers };
}

export function fails(title: string, said: string, numbers: readonly Fact[] = []): Step {
  return { title, outcome: 'fails', said, numbers };
}

export function open(title: string, said: string): Step {
  return { title, outcome: 'open', said };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
