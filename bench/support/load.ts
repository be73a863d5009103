import type { LoadJob, LoadMessage, LoadResult } from './load-job.ts';
import type { Place } from './machine.ts';
import { run, tsx } from './processes.ts';

/** Puts load on servers from a process of its own. */
export interface LoadGenerator {
  /** Rejects if the server gave a single wrong answer. */
  measure(job: Omit<LoadJob, 'requests'> & { readonly requests: readonly Buffer[] }): Promise<LoadResult>;
  stop(): Promise<void>;
}

/** Above this share of a core, the figure says how fast the load generator is, not the server. */
export const BUSY_LOAD_CPU = 0.9;

export async function startLoadGenerator(place?: Place): Promise<LoadGenerator> {
  const file = new URL('./load-process.ts', import.meta.url);
  const { child, stop } = run(tsx(file), { ...(place && { place }), stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const next = () =>
    new Promise<LoadMessage>((resolve, reject) => {
      const fail = () => reject(new Error('the load process has ended'));
      child.once('exit', fail);
      child.once('message', (message) => {
        child.off('exit', fail);
        resolve(message as LoadMessage);
      });
    });
  await next();
  return {
    stop,
    async measure({ requests, ...rest }) {
      const answer = next();
      child.send({ ...rest, requests: requests.map((bytes) => bytes.toString('base64')) } satisfies LoadJob);
      const message = await answer;
      if ('error' in message) throw new Error(message.error);
      if (!('result' in message)) throw new Error('the load process answered out of turn');
      const { result } = message;
      if (result.wrong > 0) throw new Error(`${result.wrong} wrong answers, the first: ${result.firstWrong}`);
      return result;
    },
  };
}
