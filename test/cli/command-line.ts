import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { dataDirIn } from '../support/data-dir.ts';

export const TSX = import.meta.resolve('tsx');
export const CLI = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Surroundings {
  readonly env: Readonly<Record<string, string>>;
  /** A file descriptor for stdout, or `closed` for a pipe that nobody reads. */
  readonly stdout?: number | 'closed';
  /** Told of the process when it has been started. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Runs `tooken` on a terminal of its own, which shows stdout and stderr, and waits until it has ended by itself. */
export function onTerminal(
  { env }: Surroundings,
  ...args: readonly string[]
): Promise<{ code: number | null; output: string }> {
  const command = [process.execPath, '--import', TSX, CLI, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd: '/',
    env: { PATH: process.env.PATH, SHELL: '/bin/sh', ...dataDirIn(env), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** Runs `tooken` as a process with nothing but `env`, and waits until it has ended by itself. */
export function tooken({ env, stdout, onStart }: Surroundings, ...args: readonly string[]): Promise<Ending> {
  const child = spawn(process.execPath, ['--import', TSX, CLI, ...args], {
    cwd: '/',
    env: { PATH: process.env.PATH, ...dataDirIn(env), ...env },
    stdio: ['ignore', typeof stdout === 'number' ? stdout : 'pipe', 'pipe'],
  });
  onStart?.(child);
  const ending = { stdout: '', stderr: '' };
  if (stdout === 'closed') child.stdout?.destroy();
  else child.stdout?.setEncoding('utf8').on('data', (text: string) => (ending.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (ending.stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...ending }));
  });
}
