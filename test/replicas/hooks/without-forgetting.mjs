// Loaded into a replica before the service: its memory drops nothing that invalidations name.
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) register(import.meta.url);

export async function load(url, context, nextLoad) {
  if (!url.endsWith('/src/introspection/memory.ts')) return nextLoad(url, context);
  const source = `
    import { createCredentialMemory as create } from ${JSON.stringify(`${url}?whole`)};
    export const createCredentialMemory = (bounds) => ({ ...create(bounds), forget() {} });`;
  return { format: 'module', shortCircuit: true, source };
}
