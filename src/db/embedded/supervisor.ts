import { setTimeout as sleep } from 'node:timers/promises';
import { type Postmaster, type PostmasterOptions, startPostmaster, stopPostmaster } from './postmaster.ts';

const RESTART_PAUSE_MS = 100;
const RETRY_PAUSE_MS = 1_000;

/** A server that is started again whenever it ends without being asked to, at the same address. */
export interface SupervisedServer {
  stop(): Promise<void>;
}

/** @throws StartupError if the server does not start the first time. */
export async function superviseServer(
  options: PostmasterOptions,
  report: (line: string) => void,
): Promise<SupervisedServer> {
  const stopping = new AbortController();
  let current: Postmaster | undefined = await startPostmaster(options);

  const pause = (ms: number): Promise<void> =>
    sleep(ms, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
  const restart = async (): Promise<Postmaster | undefined> => {
    try {
      return await startPostmaster(options);
    } catch (error) {
      report(error instanceof Error ? error.message : String(error));
      await pause(RETRY_PAUSE_MS);
      return undefined;
    }
  };
  const watch = async (): Promise<void> => {
    for (;;) {
      await current?.exited;
      if (stopping.signal.aborted) return;
      if (current !== undefined) report('The embedded PostgreSQL ended unexpectedly; it is being started again.');
      current = undefined;
      await pause(RESTART_PAUSE_MS);
      if (stopping.signal.aborted) return;
      current = await restart();
      // `stop` was called meanwhile and did not see this one.
      if (stopping.signal.aborted && current !== undefined) await stopPostmaster(current);
    }
  };
  const watching = watch();

  return {
    async stop() {
      stopping.abort();
      if (current !== undefined) await stopPostmaster(current);
      await watching;
    },
  };
}
