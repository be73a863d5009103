import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';
import type { ConnectionTarget } from '../../src/db/connection.ts';
import { isRoot } from './scratch.ts';

const TSX = import.meta.resolve('tsx');
const SERVICE = fileURLToPath(new URL('./service-process.ts', import.meta.url));
const LAUNCHER = fileURLToPath(new URL('../../src/db/embedded/launch.ts', import.meta.url));

/** One line of a service: where its database is, or why there is none. */
interface Announcement {
  readonly owner?: ConnectionTarget;
  readonly app?: ConnectionTarget;
  readonly error?: string;
  readonly interrupted?: boolean;
  readonly stopped?: boolean;
}

interface Service {
  readonly child: ChildProcess;
  /** The next line, in order; rejects if the process ends without one. */
  next(): Promise<Announcement>;
}

interface ServiceOptions {
  /** Whom root becomes for it. */
  readonly uid?: number;
  /** The launcher of another checkout. */
  readonly launcher?: string;
  /** What it acknowledged survives its server; the default is the faster opposite. */
  readonly durable?: boolean;
  /** Its directory for temporary files. */
  readonly temporary?: string;
  /** In a process group of its own, as in a terminal. */
  readonly detached?: boolean;
}

const running: ChildProcess[] = [];

/** Starts a process that launches the embedded PostgreSQL on the directory. */
export function startService(dataDir: string, options: ServiceOptions = {}): Service {
  const durability = options.durable === true ? 'durable' : 'fast';
  const child = spawn(process.execPath, ['--import', TSX, SERVICE, options.launcher ?? LAUNCHER, dataDir, durability], {
    cwd: '/',
    env: {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      TMPDIR: options.temporary ?? tmpdir(),
      TSX_DISABLE_CACHE: '1',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: options.detached ?? false,
    ...(options.uid !== undefined && isRoot ? { uid: options.uid, gid: options.uid } : {}),
  });
  running.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    async next() {
      const line = await lines.next();
      if (line.done === true) throw new Error('The service ended without a word.');
      return JSON.parse(line.value) as Announcement;
    },
  };
}

/** Sends a signal and waits until the process is gone. */
export async function end(service: Service, signal: NodeJS.Signals): Promise<void> {
  const exited = once(service.child, 'exit');
  service.child.kill(signal);
  await exited;
}

afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
});
