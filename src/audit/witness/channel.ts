import { once } from 'node:events';
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';

/** What came back, as it came: nobody vouches for any of it. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  /** At most {@link MOST_BYTES}. */
  readonly body: Buffer;
}

export type Exchange = Answer | { readonly problem: 'unreachable' | 'timed_out' | 'oversized' };

/** The way to one witness. Connections are kept open between requests; redirects are answers like any other. */
export interface Channel {
  post(body: string): Promise<Exchange>;
  /** Ends what is under way, too. */
  close(): void;
}

export interface ChannelOptions {
  /** From the start of a request to the end of its answer. */
  readonly deadlineMs: number;
  readonly maxConnections: number;
}

/** A cosignature is some 150 bytes, the largest of another kind some 3,500, and a witness may send several. */
const MOST_BYTES = 64 * 1024;

export function openChannel(url: string, { deadlineMs, maxConnections }: ChannelOptions): Channel {
  const isSecure = url.startsWith('https:');
  const settings = { keepAlive: true, maxSockets: maxConnections };
  const agent = isSecure ? new HttpsAgent(settings) : new HttpAgent(settings);
  const target = `${url}/add-checkpoint`;

  async function post(body: string, isRepeated = false): Promise<Exchange> {
    const deadline = AbortSignal.timeout(deadlineMs);
    const headers = {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'tooken',
    };
    const request = (isSecure ? requestHttps : requestHttp)(target, {
      method: 'POST',
      agent,
      headers,
      signal: deadline,
    });
    // While the body comes, the response tells of the same error.
    request.on('error', () => {});
    try {
      const answered = once(request, 'response');
      request.end(body);
      const [response] = (await answered) as [IncomingMessage];
      return await readAnswer(response);
    } catch {
      if (deadline.aborted) return { problem: 'timed_out' };
      // The other side has closed a connection that it had left open: that says nothing about a new one.
      if (request.reusedSocket && !isRepeated) return post(body, true);
      return { problem: 'unreachable' };
    }
  }

  return { post: (body) => post(body), close: () => agent.destroy() };
}

async function readAnswer(response: IncomingMessage): Promise<Exchange> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    // Leaving the loop ends the connection.
    if (size > MOST_BYTES) return { problem: 'oversized' };
    chunks.push(chunk);
  }
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? '',
    body: Buffer.concat(chunks),
  };
}
