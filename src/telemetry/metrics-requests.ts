import { createHistogram, DURATION_BOUNDS_SECONDS, type Histogram } from './histogram.ts';

/** Counts answered requests and how long they took, by route and status. */
export interface RequestMeter {
  /** The meter of one route; the same one for the same route. */
  of(method: string, route: string): RouteMeter;
  readonly all: () => Iterable<RequestCount>;
}

export interface RouteMeter {
  observe(status: number, durationMs: number): void;
}

export interface RequestCount {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly seconds: Histogram;
}

/** Clients may send any; each of theirs would be a time series of its own. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export function createRequestMeter(): RequestMeter {
  const routes = new Map<string, RouteMeter & { readonly counts: () => Iterable<RequestCount> }>();
  return {
    of(givenMethod, route) {
      const method = METHODS.has(givenMethod) ? givenMethod : 'other';
      const key = `${method} ${route}`;
      const meter = routes.get(key) ?? createRouteMeter(method, route);
      routes.set(key, meter);
      return meter;
    },
    *all() {
      for (const { counts } of routes.values()) yield* counts();
    },
  };
}

function createRouteMeter(method: string, route: string) {
  const byStatus = new Map<number, RequestCount>();
  return {
    observe(status: number, durationMs: number) {
      let count = byStatus.get(status);
      if (count === undefined) {
        count = { method, route, status, seconds: createHistogram(DURATION_BOUNDS_SECONDS) };
        byStatus.set(status, count);
      }
      count.seconds.observe(durationMs / 1000);
    },
    counts: () => byStatus.values(),
  };
}
