import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

/** What a figure means nothing without. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly platform: string;
  /** One minute's, when the run began: above a few tenths, others were at work. */
  readonly load: number;
  readonly isPinning: boolean;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    isPinning: CORES !== undefined,
  };
}

/** Where things run when they are kept apart. */
export type Place = 'server' | 'load';

/** One core for the server, another for whoever puts load on it; undefined where that cannot be had. */
const CORES: Readonly<Record<Place, number>> | undefined = chooseCores();

/** The command that runs `command` on the core of `place`, or just `command`. */
export function pinned(place: Place | undefined, command: readonly string[]): readonly string[] {
  if (place === undefined || CORES === undefined) return command;
  return ['taskset', '--cpu-list', String(CORES[place]), ...command];
}

/** Moves a running process, and the children it will have, to the core of `place`, or lets it use all. */
export function pinProcess(pid: number, place: Place | undefined): void {
  if (CORES === undefined) return;
  const cores = place === undefined ? allowedCores().join(',') : String(CORES[place]);
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)], { stdio: 'ignore' });
}

function chooseCores(): Readonly<Record<Place, number>> | undefined {
  if (process.platform !== 'linux' || !isOnPath('taskset')) return undefined;
  const [server, load] = allowedCores();
  return server === undefined || load === undefined ? undefined : { server, load };
}

/** `Cpus_allowed_list:	0-3,8` */
function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, n) => first + n);
  });
}

export function isOnPath(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
