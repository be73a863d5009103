import { quantile } from './statistics.ts';

/** How long calls took that several clients made, each of them one after the other. */
export interface Latencies {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly perSecond: number;
}

/** Does something once for one of several clients, and tells how many ms that took. */
export type Act = (client: number) => Promise<number>;

export async function timeCalls(clients: number, calls: number, act: Act): Promise<Latencies> {
  const taken: number[] = [];
  let begun = 0;
  const start = performance.now();
  const work = async (client: number) => {
    while (begun < calls) {
      begun += 1;
      taken.push(await act(client));
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => work(client)));
  const seconds = (performance.now() - start) / 1000;
  taken.sort((a, b) => a - b);
  return { p50Ms: quantile(taken, 0.5), p99Ms: quantile(taken, 0.99), perSecond: calls / seconds };
}
