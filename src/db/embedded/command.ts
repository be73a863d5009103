import { spawn } from 'node:child_process';
import { type RuntimeUser, spawnIdentity } from './runtime-user.ts';

/** All that a child gets to know: nothing of our own environment, which holds secrets and could redirect PostgreSQL. */
export const CHILD_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin',
  LANG: 'C',
  LC_ALL: 'C',
  TZ: 'UTC',
};

export interface CommandResult {
  /** The exit status; `null` if it could not be started or was ended by a signal. */
  readonly status: number | null;
  /** Why it could not be started, such as `ENOENT` or `EACCES`. */
  readonly startFailure: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

interface CommandOptions {
  readonly user?: RuntimeUser;
  /** Entered before the change of user, so it need not be reachable for that user. */
  readonly directory?: string;
  readonly input?: string;
}

/** Runs a program to its end, without a shell. Never rejects. */
export function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.directory ?? '/',
      env: CHILD_ENVIRONMENT,
      // Out of reach of a terminal's Ctrl-C, which is for us: half an initdb is none.
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.user === undefined ? {} : spawnIdentity(options.user)),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    // A child that ends before it has read its input is judged by its status.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    child.on('error', (error: NodeJS.ErrnoException) => {
      resolve({ status: null, startFailure: error.code ?? 'UNKNOWN', stdout, stderr });
    });
    child.on('close', (status) => {
      resolve({ status, startFailure: undefined, stdout, stderr });
    });
  });
}

/** What a failed command said about it, on one line: its last error, unless a full disk was at the root of it. */
export function failureLine(result: CommandResult): string {
  if (result.startFailure !== undefined) return result.startFailure;
  const lines = result.stderr.trim().split('\n');
  const line =
    lines.find((said) => /No space left|Disk quota/.test(said)) ??
    lines.findLast((said) => /error|fatal|panic/i.test(said)) ??
    lines.at(-1);
  return line?.replace(/^.*(ERROR|FATAL|PANIC):\s*/, '').trim() || `status ${result.status}`;
}
