import { type HttpAnswer, openConnection } from './http-connection.ts';
import type { Expectation } from './load-job.ts';

interface FloodOptions {
  readonly url: string;
  readonly count: number;
  readonly connections: number;
  /** Makes request number `n` when it is its turn: there are too many to make beforehand. */
  request(n: number): Buffer;
  readonly expect: Expectation;
}

/** Sends `count` different requests, and rejects at the first answer that is not as expected. */
export async function flood({ url, count, connections, request, expect }: FloodOptions): Promise<void> {
  let sent = 0;
  const pour = () =>
    new Promise<void>((resolve, reject) => {
      const connection = openConnection(new URL(url), reject);
      const check = ({ status, body }: HttpAnswer) => {
        if (status === expect.status && body.includes(expect.text)) return next();
        connection.close();
        reject(new Error(`a wrong answer: ${status} ${body.toString().slice(0, 300)}`));
      };
      const next = () => {
        if (sent < count) return connection.send(request(sent++), check);
        connection.close();
        resolve();
      };
      next();
    });
  await Promise.all(Array.from({ length: connections }, pour));
}
