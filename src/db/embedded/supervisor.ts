import { setTimeout as sleep } from 'node:timers/promises';
import { type Postmaster, type PostmasterOptions, startPostmaster, stopPostmaster } from './postmaster.ts';

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
  let isStopping = false;
  let current: Postmaster | undefined = await startPostmaster(options);

  const watch = async (): Promise<void> => {
    while (!isStopping) {
      await current?.exited;
      if (isStopping) return;
      report('The embedded PostgreSQL ended unexpectedly; starting it again');
      current = await startPostmaster(options).catch((error: unknown) => {
        report(error instanceof Error ? error.message : 'The embedded PostgreSQL does not start');
        return undefined;
      });
      if (current === undefined) await sleep(RETRY_PAUSE_MS, undefined, { ref: false });
    }
  };
  const watching = watch();

  return {
    async stop() {
      isStopping = true;
      // Twice, because a restart may have been under way: then `watching` ends with a server that nobody has stopped.
      if (current !== undefined) await stopPostmaster(current);
      await watching;
      if (current !== undefined) await stopPostmaster(current);
    },
  };
}
