import { readSecrets } from '../config/secrets.ts';
import { type Context, createContext } from '../context.ts';
import { announce } from './arrival.ts';
import { dispose } from './disposal.ts';
import { type Life, printProgress, startOrLeave } from './life.ts';
import { createListener, listen } from './listener.ts';
import { listenForMetrics } from './metrics-listener.ts';
import { gatherAlone } from './metrics-sources.ts';

/** Runs the service in this one process. */
export async function serveAlone(life: Life): Promise<void> {
  const { env, config, signals } = life;
  const starting = createContext(config, readSecrets(env), { onProgress: printProgress });
  const context = await startOrLeave(starting, signals);
  signals.onReplace(() => context.logger.log('warn', 'service.replacement_refused'));
  try {
    // Who stops a first start gets the key from the next one.
    if (!signals.hasCome()) await answer(context, life);
  } finally {
    await dispose(context);
  }
  context.logger.log('info', 'service.stopped');
}

async function answer(context: Context, life: Life): Promise<void> {
  const { signals } = life;
  const listener = createListener(context);
  const url = await listen(listener, context.config);
  const metrics = await listenForMetrics(context.config, context.logger, () => gatherAlone(context));
  await announce(context, life, url);
  context.logger.log('info', 'service.stopping', { signal: await signals.first });
  listener.drain.begin({ isReady: false });
  await listener.drain.finish(listener.server, signals.second);
  metrics.close();
}
