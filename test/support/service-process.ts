import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { dataDirIn } from './data-dir.ts';

/** The service as its users run it: a process of its own. */
export interface ServiceProcess {
  readonly url: string;
  readonly pid: number;
  /** The API key it printed, if this was its first start. */
  readonly apiKey: string | undefined;
  /** For the first owner, likewise. */
  readonly setUpLink: string | undefined;
  /** Everything it has written so far, to either stream. */
  output(): string;
  /** Asks it to stop, and waits for its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Ends it without a chance to do anything more. */
  kill(): Promise<void>;
}

const TSX = import.meta.resolve('tsx');
export const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Thrown when the service ends before it listens. */
export class ServiceEnded extends Error {
  readonly code: number | null;
  readonly output: string;

  constructor(code: number | null, output: string) {
    super(`the service ended with code ${code}: ${output}`);
    this.code = code;
    this.output = output;
  }
}

export interface StartOptions {
  /** The `main.ts` of another checkout. */
  readonly main?: string;
  /** In a process group of its own, as in a terminal. */
  readonly ownGroup?: boolean;
}

/** Starts the service with `env` and nothing else of this process's environment but PATH; resolves once it listens. */
export async function startService(
  env: Record<string, string>,
  { main = MAIN, ownGroup = false }: StartOptions = {},
): Promise<ServiceProcess> {
  const child = spawn(process.execPath, ['--import', TSX, main], {
    detached: ownGroup,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      PORT: '0',
      TOOKEN_RATE_FAILURES: 'off',
      ...dataDirIn(env),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const url = await listening(child, () => output);
  return {
    url,
    pid: child.pid ?? 0,
    apiKey: /\btok_live_\w{49}\b/.exec(output)?.[0],
    setUpLink: /\S+\/link#tokl_\w{43}\b/.exec(output)?.[0],
    output: () => output,
    stop: (signal = 'SIGTERM') => end(child, signal),
    kill: async () => void (await end(child, 'SIGKILL')),
  };
}

/** Waits for the log line that says where it listens; a first start has printed its key by then or right after. */
async function listening(child: ChildProcess, output: () => string): Promise<string> {
  for (;;) {
    const url = /"event":"service\.ready".*?"address":"([^"]+)"/.exec(output())?.[1];
    if (url !== undefined) return url;
    if (child.exitCode !== null || child.signalCode !== null) throw new ServiceEnded(child.exitCode, output());
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  child.kill(signal);
  await once(child, 'exit');
  return child.exitCode;
}
