/**
 * What the supervisor and its workers say to each other. After an upgrade an old supervisor talks to new workers: kinds may
 * come, but one that is there keeps its meaning, and whoever does not know one ignores it.
 */
import type { MetricValues } from '../telemetry/metrics-family.ts';

/** From the supervisor to a worker. */
export type Order =
  /** Serve the connection that comes with this message, and report that it was taken. */
  | { readonly kind: 'connection' }
  /** End every connection with its next answer, so that clients come back elsewhere. */
  | { readonly kind: 'wind_down'; readonly isReady: boolean }
  /** No more connections come: end when those that there are have fallen idle. */
  | { readonly kind: 'finish' }
  /** Do not wait for requests any longer. */
  | { readonly kind: 'hurry' }
  /** Report the metrics. */
  | { readonly kind: 'metrics' };

/** From a worker to its supervisor. */
export type Report =
  /** It can answer requests. */
  | { readonly kind: 'ready' }
  /** It cannot start, for a reason that the operator can remove. */
  | { readonly kind: 'failed'; readonly message: string }
  /** The connection is its own now. Sent before anything is read from it. */
  | { readonly kind: 'taken'; readonly connections: number }
  /** It has so many connections, after some have gone. */
  | { readonly kind: 'connections'; readonly connections: number }
  /** It winds down, and its last connection is gone. */
  | { readonly kind: 'empty' }
  /** Its metrics: as many times as it was asked, and once more before it ends. */
  | { readonly kind: 'metrics'; readonly metrics: readonly MetricValues[] };
