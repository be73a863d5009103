import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface TemporaryService {
  readonly url: string;
  readonly apiKey: string;
  stop(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** `npm start` in a folder that goes away, on a free port; reads the first API key off what it prints. */
export async function startTemporaryService(): Promise<TemporaryService> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tooken-demo-'));
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH, TOOKEN_DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = async () => {
    await end(child);
    await rm(dataDir, { recursive: true, force: true });
  };
  process.once('SIGINT', () => void stop().then(() => process.exit(130)));
  try {
    return { ...(await readWelcome(child)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function readWelcome(child: ChildProcess): Promise<{ url: string; apiKey: string }> {
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

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
