import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
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
  /** For a command that starts others, such as npm: they are ended and waited for together. */
  readonly isGroup?: boolean;
}

const running = new Set<() => void>();
// Whatever way the run ends, nothing of it stays; a service takes its own database with it.
process.on('exit', () => {
  for (const end of running) end();
});

/** Runs `command`, which sees nothing of this environment but what it is given and what npm needs to start. */
export function run(command: readonly string[], { place, env = {}, stdio, isGroup = false }: RunOptions): Running {
  const [program = '', ...args] = pinned(place, command);
  const child = spawn(program, args, {
    cwd: ROOT,
    stdio,
    detached: isGroup,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  const pid = child.pid ?? Number.NaN;
  const end = () => void (isGroup ? signalGroup(pid, 'SIGTERM') : child.kill('SIGTERM'));
  running.add(end);
  const ended = new Promise<void>((resolve, reject) => {
    child.once('exit', () => resolve());
    child.once('error', reject);
  })
    .then(() => (isGroup ? groupGone(pid) : undefined))
    .finally(() => running.delete(end));
  ended.catch(() => {});
  return {
    child,
    pid,
    stop: () => {
      end();
      return ended;
    },
  };
}

/** Whether there was anybody left in the group. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

async function groupGone(pid: number): Promise<void> {
  while (signalGroup(pid, 0)) await sleep(10);
}

/** The command that runs a TypeScript file of the benchmarks. */
export function tsx(url: URL): string[] {
  return [process.execPath, '--import', TSX, fileURLToPath(url)];
}

/** CPU time used meanwhile by a server process and by PostgreSQL, in ms. */
export interface CpuUse {
  readonly server: number;
  readonly database: number;
}

/** Starts counting; calling the result tells what was used since. */
export function countCpu(server: number | undefined, postmaster: number): () => CpuUse {
  const read = () => ({
    server: server === undefined ? 0 : (cpuMs(server) ?? Number.NaN),
    database: cpuMs(postmaster, { withChildren: true }) ?? Number.NaN,
  });
  const before = read();
  return () => {
    const after = read();
    return { server: after.server - before.server, database: after.database - before.database };
  };
}

const TICKS_PER_SECOND = 100;

/** CPU time that a process has used so far, in ms, or one and all of its children; undefined where there is no /proc. */
function cpuMs(pid: number, { withChildren = false } = {}): number | undefined {
  if (process.platform !== 'linux') return undefined;
  if (!withChildren) return statOf(pid)?.cpuMs;
  // What children that have ended used was added to their parent's account.
  const living = childrenOf(pid).reduce((sum, child) => sum + (statOf(child)?.cpuMs ?? 0), 0);
  return living + (statOf(pid)?.withEndedMs ?? 0);
}

function childrenOf(pid: number): number[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.filter((each) => statOf(each)?.parent === pid);
}

/** The fields after the command, which stands in parentheses and may hold anything (proc(5)). */
function statOf(pid: number): { parent: number; cpuMs: number; withEndedMs: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [own, ended] = [Number(fields[11]) + Number(fields[12]), Number(fields[13]) + Number(fields[14])];
    const toMs = (ticks: number) => (ticks * 1000) / TICKS_PER_SECOND;
    return { parent: Number(fields[1]), cpuMs: toMs(own), withEndedMs: toMs(own + ended) };
  } catch {
    return undefined;
  }
}
