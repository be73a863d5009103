import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Place, pinned } from './machine.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSX = import.meta.resolve('tsx');

/** A process of ours, ended by its id and never by its name. */
export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>;
}

interface RunOptions {
  readonly place?: Place;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdio: StdioOptions;
}

const running = new Set<ChildProcess>();
// Whatever way the run ends, nothing of it stays; a service takes its own database with it.
process.on('exit', () => {
  for (const child of running) child.kill('SIGTERM');
});

/** Runs `command`, which sees nothing of this environment but what it is given and what npm needs to start. */
export function run(command: readonly string[], { place, env = {}, stdio }: RunOptions): Running {
  const [program = '', ...args] = pinned(place, command);
  const child = spawn(program, args, {
    cwd: ROOT,
    stdio,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  running.add(child);
  const ended = new Promise<void>((resolve, reject) => {
    child.once('exit', () => resolve());
    child.once('error', reject);
  }).finally(() => running.delete(child));
  ended.catch(() => {});
  return {
    child,
    pid: child.pid ?? Number.NaN,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** The command that runs a TypeScript file of the benchmarks. */
export function tsx(url: URL): string[] {
  return [process.execPath, '--import', TSX, fileURLToPath(url)];
}

const TICKS_PER_SECOND = 100;

/** CPU time that a process has used so far, in ms, or one and all of its children; undefined where there is no /proc. */
export function cpuMs(pid: number, { withChildren = false } = {}): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const pids = withChildren ? [pid, ...childrenOf(pid)] : [pid];
  return pids.reduce((sum, each) => sum + (statOf(each)?.cpuMs ?? 0), 0);
}

function childrenOf(pid: number): number[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.filter((each) => statOf(each)?.parent === pid);
}

/** The fields after the command, which stands in parentheses and may hold anything (proc(5)). */
function statOf(pid: number): { parent: number; cpuMs: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { parent: Number(fields[1]), cpuMs: (ticks * 1000) / TICKS_PER_SECOND };
  } catch {
    return undefined;
  }
}
