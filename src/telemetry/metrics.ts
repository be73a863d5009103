import { createHistogram, DURATION_BOUNDS_SECONDS, type Histogram } from './histogram.ts';
import { createRequestMeter, type RequestMeter } from './metrics-requests.ts';
import { createTally, type Tally } from './tally.ts';

/**
 * What the service counts while it works: plain numbers that cost a request next to nothing, whether or not anybody ever
 * asks for them. What some part knows of itself anyway (a size, a lease) is not here but read when somebody asks; see
 * metrics-readings.ts.
 */
export interface Metrics {
  readonly requests: RequestMeter;
  /** What introspections found, by outcome: `active`, or why not. */
  readonly verdicts: Tally;
  readonly loads: LoadMeter;
  readonly fences: FenceMeter;
}

/** Look-ups of credentials in the database. */
export interface LoadMeter {
  readonly outcomes: Tally<'loaded' | 'failed' | 'stale'>;
  /** How many credentials a query asked for. */
  readonly batchSizes: Histogram;
}

/** Waits until a change is effective everywhere. */
export interface FenceMeter {
  readonly seconds: Histogram;
  readonly outcomes: Tally<'effective' | 'failed'>;
  /** Replicas of others that a fence has evicted. */
  evictions: number;
}

const BATCH_BOUNDS = [1, 2, 5, 10, 25, 50, 100, 250, 500];

export function createMetrics(): Metrics {
  return {
    requests: createRequestMeter(),
    verdicts: createTally(['active']),
    loads: {
      outcomes: createTally(['loaded', 'failed', 'stale']),
      batchSizes: createHistogram(BATCH_BOUNDS),
    },
    fences: {
      seconds: createHistogram(DURATION_BOUNDS_SECONDS),
      outcomes: createTally(['effective', 'failed']),
      evictions: 0,
    },
  };
}
