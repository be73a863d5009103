/** What the load process is told, and what it tells, over its IPC channel. */
export interface LoadJob {
  readonly url: string;
  /** Whole requests in base64, taken in turn by all connections. */
  readonly requests: readonly string[];
  readonly connections: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
  readonly expect: Expectation;
}

/** An answer that differs is counted as wrong: a fast error must not look like a fast service. */
export interface Expectation {
  readonly status: number;
  readonly text: string;
}

export interface LoadResult {
  readonly perSecond: number;
  /** All answers, those of the warm-up included. */
  readonly total: number;
  readonly wrong: number;
  readonly firstWrong: string | null;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Share of a core that the load process itself used: near 1, it is what was measured. */
  readonly loadCpu: number;
}

export type LoadMessage = { readonly result: LoadResult } | { readonly error: string } | { readonly ready: true };
