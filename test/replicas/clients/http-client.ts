import { Agent, request as send } from 'node:http';

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface HttpReply {
  /** `lost` when no whole answer came; the text then says how. */
  readonly status: number | 'lost';
  readonly text: string;
}

/** Many requests at once over connections that stay open, at little cost of its own. */
export interface HttpClient {
  send(url: string, request: HttpRequest): Promise<HttpReply>;
  close(): void;
}

/** Who has no answer after `patienceMs` gives it up. */
export function createHttpClient(patienceMs: number): HttpClient {
  const agent = new Agent({ keepAlive: true });
  return {
    send: (url, { method, path, headers, body }) =>
      new Promise((resolve) => {
        const lose = (how: string) => resolve({ status: 'lost', text: how });
        const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
        const outgoing = send(`${url}${path}`, { agent, method, headers: { ...headers, ...length } }, (incoming) => {
          let text = '';
          incoming.setEncoding('utf8').on('data', (part: string) => {
            text += part;
          });
          incoming.on('end', () => resolve({ status: incoming.statusCode ?? 'lost', text }));
          incoming.on('error', () => lose('in the middle'));
        });
        outgoing.setTimeout(patienceMs, () => {
          lose('too late');
          outgoing.destroy();
        });
        outgoing.on('error', ({ message }) => lose(message));
        outgoing.on('close', () => lose('closed'));
        outgoing.end(body);
      }),
    close: () => agent.destroy(),
  };
}
