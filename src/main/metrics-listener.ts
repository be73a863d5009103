import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Config, originOf } from '../config/config.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { MetricValues } from '../telemetry/metrics-family.ts';
import { explainPortError } from './port-error.ts';

/** The port on which Prometheus asks for the metrics, and nothing else is answered. */
export interface MetricsListener {
  close(): void;
}

/** The metrics of each process; called for every scrape, but not while one is under way. */
export type GatherMetrics = () => Promise<readonly (readonly MetricValues[])[]>;

const TIMEOUTS = { headersTimeout: 5_000, requestTimeout: 5_000, keepAliveTimeout: 65_000 };
/** Few ask, and they ask rarely. */
const MAX_CONNECTIONS = 32;
const PATH = '/metrics';

/**
 * Opens the port of `METRICS_PORT`, if there is one.
 *
 * @throws StartupError if port or host cannot be had
 */
export async function listenForMetrics(
  { metrics: place }: Pick<Config, 'metrics'>,
  logger: Logger,
  createGather: () => Promise<GatherMetrics>,
): Promise<MetricsListener> {
  if (place === null) return { close: () => {} };
  const answer = await createAnswer(await createGather());
  const server = createServer(TIMEOUTS, (request, response) => {
    answer(request, response).catch((error: unknown) => {
      logger.log('error', 'metrics.failed', { err: error });
      // Perhaps it is the connection that failed.
      if (response.headersSent) response.destroy();
      else send(response, 500, 'The metrics could not be gathered. The log says why.\n');
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  const { host, port } = place;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explainPortError(error, place, 'METRICS_')));
    server.listen(port, host, resolve);
  });
  const url = `${originOf(host, (server.address() as AddressInfo).port)}${PATH}`;
  logger.log('info', 'metrics.ready', { address: url });
  return {
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Loaded by those who want metrics alone. */
async function createAnswer(gather: GatherMetrics) {
  const { CONTENT_TYPES, exposeMetrics, formatFor } = await import('../telemetry/metrics-exposition.ts');
  let gathering: ReturnType<GatherMetrics> | undefined;
  const gatherOnce = () => {
    gathering ??= gather().finally(() => {
      gathering = undefined;
    });
    return gathering;
  };
  return async ({ method, url = '', headers }: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (url.split('?', 1)[0] !== PATH) return send(response, 404, `The metrics are at ${PATH}.\n`);
    if (method !== 'GET' && method !== 'HEAD') {
      return send(response.setHeader('Allow', 'GET, HEAD'), 405, 'Send a GET request.\n');
    }
    const format = formatFor(headers.accept);
    const body = await exposeMetrics(await gatherOnce(), format);
    send(response, 200, body, CONTENT_TYPES[format]);
  };
}

function send(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  // To HEAD Node sends no body.
  response.end(body);
}
