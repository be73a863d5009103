import { readFileSync } from 'node:fs';

const POLL_MS = 20;

/** Watches what a process has in memory; calling the result ends that, and tells by how many bytes it had grown at most. */
export function watchMemory(pid: number): () => { readonly startBytes: number; readonly peakBytes: number } {
  const startBytes = residentBytes(pid);
  let peakBytes = startBytes;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, residentBytes(pid));
  }, POLL_MS);
  return () => {
    clearInterval(timer);
    return { startBytes, peakBytes };
  };
}

/** Zero where there is no /proc, and of a process that has ended (proc(5)). */
function residentBytes(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
