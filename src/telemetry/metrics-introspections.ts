import type { Sample } from './metrics-family.ts';
import type { ProcessReadings } from './metrics-readings.ts';

const ROUTE = '/v1/tokens/introspect';
/** Verdicts about a token that is good. */
const ACTIVE = new Set(['active', 'missing_scope']);

/**
 * Introspections by outcome and reason. What was found about tokens is counted token by token; a request that got no
 * verdict is known by its status: refused for a reason of the caller's, or unavailable for one of ours.
 */
export function introspectionSamples({ counted }: Pick<ProcessReadings, 'counted'>): Sample[] {
  let [refused, unavailable] = [0, 0];
  for (const { route, status, seconds } of counted.requests.all()) {
    if (!route.startsWith(ROUTE)) continue;
    const count = seconds.counts.reduce((sum, inBucket) => sum + inBucket, 0);
    if (status >= 500) unavailable += count;
    else if (status >= 400) refused += count;
  }
  const verdicts = [...counted.verdicts.all()].map(([verdict, value]) => ({
    labels: ACTIVE.has(verdict) ? ['active', verdict === 'active' ? '' : verdict] : ['inactive', verdict],
    value,
  }));
  return [
    ...verdicts,
    { labels: ['refused', ''], value: refused },
    { labels: ['unavailable', ''], value: unavailable },
  ];
}
