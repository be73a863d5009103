import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Server, type ServiceOptions, startService } from './service.ts';

/** What `process.memoryUsage()` tells, in bytes. */
export type MemoryUse = Pick<NodeJS.MemoryUsage, 'rss' | 'heapUsed' | 'external'>;

export interface WatchedService extends Server {
  /** What it uses once its garbage is collected. */
  memory(): Promise<MemoryUse>;
}

const HOOK = fileURLToPath(new URL('./memory-hook.mjs', import.meta.url));

export async function startWatchedService(options: ServiceOptions): Promise<WatchedService> {
  const service = await startService({ ...options, nodeFlags: ['--expose-gc', '--import', HOOK], hasChannel: true });
  return {
    ...service,
    async memory() {
      const answer = once(service.child, 'message');
      service.child.send('memory?');
      const [memory] = (await answer) as [MemoryUse];
      return memory;
    },
  };
}
