import type { CheckedRecord } from './check-record.ts';

/** What an export shows, and what it does not. */
export interface BodyCounts {
  /** Events that are shown. */
  readonly records: number;
  /** Of those, events of which personal data is not there any more. */
  readonly redacted: number;
  readonly gaps: number;
  /** Leaves of which there is no more than a hash. */
  readonly hidden: number;
  /** The earliest and the latest `occurred_at`. */
  readonly earliest: string | null;
  readonly latest: string | null;
}

export interface BodyCounter {
  readonly counts: BodyCounts;
  show(record: CheckedRecord): void;
  /** A gap of so many leaves. */
  hide(leaves: number): void;
}

export function createBodyCounter(): BodyCounter {
  const counts = { records: 0, redacted: 0, gaps: 0, hidden: 0 };
  let earliest: string | null = null;
  let latest: string | null = null;
  return {
    get counts() {
      return { ...counts, earliest, latest };
    },
    show({ leaf: { occurred_at: at }, isRedacted }) {
      counts.records += 1;
      if (isRedacted) counts.redacted += 1;
      if (earliest === null || at < earliest) earliest = at;
      if (latest === null || at > latest) latest = at;
    },
    hide(leaves) {
      counts.gaps += 1;
      counts.hidden += leaves;
    },
  };
}
