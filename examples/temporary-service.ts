import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryService {
  readonly url: string;
  readonly apiKey: string;
}

const ROOT = join(import.meta.dirname, '..');

/**
 * `npm start` in a folder that goes away, on a free port, for as long as `use` takes. Ctrl-C, or a reader of our output that
 * goes away, stops the service, and with it `use`.
 */
export async function withTemporaryService(use: (service: TemporaryService) => Promise<void>): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tooken-demo-'));
  const child = spawn('sh', ['bin/start.sh'], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, TOOKEN_DATA_DIR: dataDir, PORT: String(await findFreePort()), LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  let isInterrupted = false;
  const interrupt = () => {
    isInterrupted = true;
    child.kill('SIGTERM');
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt);
  process.stdout.on('error', interrupt);
  try {
    await use(await readWelcome(child));
  } catch (error) {
    // Whatever failed then, failed because the service is gone.
    if (!isInterrupted) throw error;
    process.exitCode = 130;
  } finally {
    child.kill('SIGTERM');
    await ended;
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Reads the first API key off what a first start prints. */
function readWelcome(child: ChildProcess): Promise<TemporaryService> {
  return new Promise((resolve, reject) => {
    let printed = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
      const apiKey = /\btok_live_\w{49}\b/.exec(printed)?.[0];
      const url = /https?:\/\/[^/\s]+(?=\/docs)/.exec(printed)?.[0];
      if (apiKey !== undefined && url !== undefined) resolve({ url, apiKey });
    });
    child.once('exit', (code) => reject(new Error(`the service ended with code ${code} before it was ready`)));
  });
}
