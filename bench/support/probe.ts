import { type HttpConnection, openConnection, requestBytes } from './http-connection.ts';

/** One client with one connection that asks a service one thing at a time. */
export interface Probe {
  /** The answer's body, and the milliseconds until all of it was there. Rejects for any status but 200. */
  exchange(request: Buffer): Promise<{ readonly body: string; readonly ms: number }>;
  time(request: Buffer): Promise<number>;
  /** The answer, read as JSON. */
  ask(request: Buffer): Promise<unknown>;
  close(): void;
}

export function openProbe(url: string): Probe {
  let fail: (error: Error) => void = () => {};
  let connection: HttpConnection | undefined;
  const connect = () => openConnection(new URL(url), (error) => fail(error));
  const exchange = (request: Buffer) =>
    new Promise<{ body: string; ms: number }>((resolve, reject) => {
      fail = reject;
      connection = connection?.isOpen() ? connection : connect();
      const start = performance.now();
      connection.send(request, ({ status, body }) => {
        const ms = performance.now() - start;
        if (status === 200) resolve({ body: body.toString(), ms });
        else reject(new Error(`${status} ${body.toString()}`));
      });
    });
  return {
    exchange,
    time: async (request) => (await exchange(request)).ms,
    ask: async (request) => JSON.parse((await exchange(request)).body),
    close: () => connection?.close(),
  };
}

export function getRequest(apiKey: string, path: string): Buffer {
  return requestBytes({ method: 'GET', path, headers: { authorization: `Bearer ${apiKey}` } });
}
