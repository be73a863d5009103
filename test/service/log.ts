import type { ServiceProcess } from '../support/service-process.ts';

/** A line of the service's log, read. */
type LogLine = Readonly<Record<string, unknown>>;

type Log = Pick<ServiceProcess, 'output'>;

/** What the service has logged so far as `event`, in order. */
export function logged(service: Log, event: string): LogLine[] {
  return service
    .output()
    .split('\n')
    .filter((line) => line.includes(`"event":"${event}"`) && line.endsWith('}'))
    .map((line) => JSON.parse(line) as LogLine);
}

/** The process that answers at each place, as of now. */
export function workerPids(service: Log): ReadonlyMap<number, number> {
  return new Map(logged(service, 'worker.ready').map(({ worker, pid }) => [Number(worker), Number(pid)]));
}

/** Waits for something that is bound to come true; the test's own timeout is the limit. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
