import type { ChildProcess } from 'node:child_process';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, databaseUrl } from './cluster.ts';
import { MASTER_KEY } from './credentials.ts';
import type { Place } from './machine.ts';
import { ROOT, run, tsx } from './processes.ts';
import { scratchDirectory } from './scratch.ts';

/** Something that answers HTTP on a loopback port. */
export interface Server {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** The service in a process of ours. */
export interface Service extends Server {
  readonly child: ChildProcess;
}

export interface ServiceOptions {
  readonly database: Database;
  readonly place?: Place;
  readonly logLevel?: 'info' | 'warn';
  /** Settings that differ from those of the other benchmarks. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where to leave a CPU profile. */
  readonly profileDir?: string | undefined;
  readonly nodeFlags?: readonly string[];
  /** Whether this process can send it messages. */
  readonly hasChannel?: boolean;
}

export const MAIN = join(ROOT, 'dist', 'main.js');
/** No limit is reached, yet all are counted: the work is part of the figure. */
const BEYOND_REACH = '999999999/60s';

/** The built service as in production, on a database of its own. What it logs goes nowhere. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { database, place, logLevel = 'warn', env, profileDir, nodeFlags = [], hasChannel = false } = options;
  const port = await freePort();
  const profiling = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const service = run([process.execPath, ...profiling, ...nodeFlags, MAIN], {
    ...(place && { place }),
    stdio: ['ignore', 'ignore', 'inherit', ...(hasChannel ? ['ipc' as const] : [])],
    env: {
      NODE_ENV: 'production',
      PORT: String(port),
      LOG_LEVEL: logLevel,
      DATABASE_URL: databaseUrl(database.app),
      MIGRATION_DATABASE_URL: databaseUrl(database.owner),
      TOOKEN_DATA_DIR: scratchDirectory(),
      TOOKEN_MASTER_KEY: MASTER_KEY.toString('base64'),
      TOOKEN_BOOTSTRAP: 'off',
      TOOKEN_PUBLIC_URL: 'https://tooken.example.com',
      TOOKEN_RATE_REQUESTS: BEYOND_REACH,
      TOOKEN_RATE_INTROSPECTIONS: BEYOND_REACH,
      ...env,
    },
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilAnswered(`${url}/readyz`, service.child);
  } catch (error) {
    await service.stop();
    throw error;
  }
  return { url, ...service };
}

/** A handler that reads the body and answers with `body`: what nothing built on it can beat. */
export async function startBare(kind: 'node' | 'hono', body: string, place?: Place): Promise<Server> {
  const port = await freePort();
  const file = new URL(`../contenders/bare-${kind}.ts`, import.meta.url);
  const { child, pid, stop } = run(tsx(file), {
    ...(place && { place }),
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { NODE_ENV: 'production', PORT: String(port), BODY: body },
  });
  const url = `http://127.0.0.1:${port}`;
  await untilAnswered(url, child);
  return { url, pid, stop };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const POLL_MS = 5;
const START_PATIENCE_MS = 60_000;

/** Resolves with the time, of `performance.now()`, at which `url` first answered 200. */
export async function untilAnswered(url: string, server: { readonly exitCode: number | null }): Promise<number> {
  const deadline = performance.now() + START_PATIENCE_MS;
  while (performance.now() < deadline && server.exitCode === null) {
    if (await answers(url)) return performance.now();
    await sleep(POLL_MS);
  }
  throw new Error('the server has ended, or does not answer');
}

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const attempt = request(url, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    attempt.once('error', () => resolve(false));
    attempt.end();
  });
}
