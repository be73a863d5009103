/**
 * PostgreSQL's snapshots: which transactions a statement sees. `xmin:xmax:xip,…` as `pg_current_snapshot()` writes it
 * (PostgreSQL manual, "Transaction ID and Snapshot Information Functions"). Every id below `xmin` is decided; none from
 * `xmax` on is visible; of those between, the listed ones were still in progress.
 */
export interface Snapshot {
  readonly xmin: bigint;
  readonly xmax: bigint;
  readonly inProgress: readonly bigint[];
}

/** A 64-bit transaction id, which never wraps around. */
export type Xid = bigint;

export function parseSnapshot(text: string): Snapshot {
  const match = /^(0|[1-9]\d*):(0|[1-9]\d*):((?:[1-9]\d*(?:,[1-9]\d*)*)?)$/.exec(text);
  const [, xmin, xmax, inProgress] = match ?? [];
  if (xmin === undefined || xmax === undefined || inProgress === undefined) throw new TypeError('not a snapshot');
  const list = inProgress === '' ? [] : inProgress.split(',').map(BigInt);
  return { xmin: BigInt(xmin), xmax: BigInt(xmax), inProgress: list };
}

export function formatSnapshot({ xmin, xmax, inProgress }: Snapshot): string {
  return `${xmin}:${xmax}:${inProgress.join(',')}`;
}

/** Whether a transaction that has committed is visible in `snapshot`, as `pg_visible_in_snapshot` tells it. */
export function isVisible(xid: Xid, { xmin, xmax, inProgress }: Snapshot): boolean {
  return xid < xmin || (xid < xmax && !inProgress.includes(xid));
}
