/** What several measurements of one thing say: noise on a shared machine is one-sided, so the median with its range. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** `share` of the values lie at or below the result; `sorted` ascends and is not empty. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (value === undefined) throw new RangeError('no measurements');
  return value;
}

export function summarise(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (quantile(sorted, 0.5) + (sorted[Math.ceil(middle) - 1] ?? Number.NaN)) / 2;
  return { median, min: quantile(sorted, 0), max: quantile(sorted, 1) };
}

/** How `a` compares with `b`, round by round, so that what slows a whole round down cancels out. */
export function ratios(a: readonly number[], b: readonly number[]): Summary {
  return summarise(
    a.map((value, round) => {
      const other = b[round];
      if (other === undefined) throw new RangeError('contenders ran a different number of rounds');
      return value / other;
    }),
  );
}
