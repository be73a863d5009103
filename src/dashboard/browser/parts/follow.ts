import { readSentEvents, type SentBlock } from './sent-events.ts';

/** Why there is nothing more to come. */
export type FollowEnd = 'signed_out' | 'forbidden' | 'lost';

export interface Following {
  readonly signal: AbortSignal;
  /** Called with the data of each event, once, in their order. */
  onData(data: string): void;
  /** Whether there is a connection. */
  onConnection(isThere: boolean): void;
}

const RETRY_MS = 2_000;
/** The service says something every 15 seconds. */
const SILENCE_MS = 40_000;

/**
 * Follows a stream from its `after` on, over lost connections and restarts of the service: each time behind the last position that it
 * was told, so that nothing is missed and nothing comes twice. Resolves when it is of no use to go on, or `signal` says so.
 */
export async function follow(
  stream: string,
  { signal, onData, onConnection }: Following,
): Promise<FollowEnd | undefined> {
  const url = new URL(stream, location.href);
  while (!signal.aborted) {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    try {
      const response = await fetch(url, { cache: 'no-store', signal: AbortSignal.any([signal, silence.signal]) });
      const end = endFor(response.status);
      if (end !== undefined) return end;
      if (response.ok && response.body !== null) {
        onConnection(true);
        for await (const block of readSentEvents(response.body)) {
          clearTimeout(timer);
          timer = setTimeout(() => silence.abort(), SILENCE_MS);
          take(url, block, onData);
        }
      }
    } catch (error) {
      // A connection that is cut, or was never there.
      if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
    } finally {
      clearTimeout(timer);
    }
    if (signal.aborted) break;
    onConnection(false);
    await pause(RETRY_MS, signal);
  }
  return undefined;
}

function take(url: URL, { id, event, data }: SentBlock, onData: Following['onData']): void {
  if (event === 'audit' && data !== undefined) onData(data);
  if (id !== undefined) url.searchParams.set('after', id);
}

/** Too many streams, and a service that is about to stop or has no database, are worth waiting for. */
function endFor(status: number): FollowEnd | undefined {
  if (status === 401) return 'signed_out';
  if (status === 403) return 'forbidden';
  return status >= 400 && status < 500 && status !== 429 ? 'lost' : undefined;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
