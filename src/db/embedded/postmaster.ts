import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartupError } from '../../lib/startup-error.ts';
import type { Binaries } from './binaries.ts';
import { readClusterFile } from './cluster-file.ts';
import { CHILD_ENVIRONMENT } from './command.ts';
import { clusterName, clusterPath, logPath } from './data-directory.ts';
import { isPostgresOf } from './process-identity.ts';
import { type RuntimeUser, spawnIdentity } from './runtime-user.ts';
import { lastFatalLine, openServerLog } from './server-log.ts';
import { SOCKET_PORT, type SocketDirectory } from './socket-directory.ts';

/** A running server. */
export interface Postmaster {
  readonly pid: number;
  /** Resolves when the process is gone, for whatever reason. */
  readonly exited: Promise<void>;
  /** Does nothing once the process is gone, whoever has its pid by then. */
  signal(signal: NodeJS.Signals): void;
}

export interface PostmasterOptions {
  readonly binaries: Binaries;
  readonly user: RuntimeUser;
  /** The `postgres` directory of the data directory. */
  readonly database: string;
  readonly socket: SocketDirectory;
  readonly durable: boolean;
  /** At least so many are taken. */
  readonly maxConnections: number;
}

/** What `postmaster.pid` says. */
interface PostmasterFile {
  readonly pid: number;
  readonly socketDirectory: string;
  readonly isReady: boolean;
}

const DEFAULT_MAX_CONNECTIONS = 100;
const POLL_MS = 10;
const START_ATTEMPTS = 50;
const ATTEMPT_PAUSE_MS = 100;
/** After a server was killed, its children keep its memory and locks until they notice. */
const LEFTOVERS_PASS = /pre-existing shared memory|lock file ".*" already exists|could not lock/;

/**
 * Starts the server and waits until it accepts connections; recovery after a crash takes as long as it takes.
 *
 * @throws StartupError with the server's own reason
 */
export async function startPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  for (let attempt = 1; ; attempt += 1) {
    const started = await tryStart(options);
    if ('postmaster' in started) return started.postmaster;
    if (attempt === START_ATTEMPTS || !LEFTOVERS_PASS.test(started.reason)) {
      throw new StartupError(
        `The embedded PostgreSQL does not start: ${started.reason}; see ${logPath(options.database)}.`,
      );
    }
    await sleep(ATTEMPT_PAUSE_MS);
  }
}

/** Ends the server: its clients are cut off, a checkpoint is written. Waits until the process is gone. */
export async function stopPostmaster(postmaster: Postmaster): Promise<void> {
  // "Fast" shutdown; if the disk is too slow for a checkpoint, "immediate", which the next start recovers from.
  for (const { signal, patienceMs } of [
    { signal: 'SIGINT', patienceMs: 20_000 },
    { signal: 'SIGQUIT', patienceMs: 10_000 },
    { signal: 'SIGKILL', patienceMs: 0 },
  ] as const) {
    postmaster.signal(signal);
    if (patienceMs === 0) return postmaster.exited;
    // The child does not keep our process alive; this timer does, until it is gone.
    const patience = new AbortController();
    const isGone = await Promise.race([
      postmaster.exited.then(() => true),
      sleep(patienceMs, false, { signal: patience.signal }).catch(() => true),
    ]);
    patience.abort();
    if (isGone) return;
  }
}

/** The server that works in this directory, if the file is not just the rest of one that is gone. */
export async function findPostmaster(cluster: string): Promise<number | undefined> {
  const file = await readPostmasterFile(cluster);
  return file !== undefined && (await isPostgresOf(file.pid, cluster)) ? file.pid : undefined;
}

export async function readPostmasterFile(cluster: string): Promise<PostmasterFile | undefined> {
  const text = await readClusterFile(join(cluster, 'postmaster.pid'));
  if (text === undefined) return undefined;
  const lines = text.split('\n');
  return {
    pid: Math.abs(Number.parseInt(lines[0] ?? '', 10)),
    socketDirectory: lines[4] ?? '',
    isReady: lines[7]?.trim() === 'ready',
  };
}

async function tryStart(options: PostmasterOptions): Promise<{ postmaster: Postmaster } | { reason: string }> {
  const cluster = clusterPath(options.database);
  const log = await openServerLog(logPath(options.database));
  const logStart = (await log.stat()).size;
  const child = spawn(options.binaries.postgres, serverArguments(options, cluster), {
    cwd: cluster,
    env: CHILD_ENVIRONMENT,
    // A session of its own: Ctrl-C in a terminal reaches us, and we stop the server when its clients are done.
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    ...spawnIdentity(options.user),
  });
  let startFailure: string | undefined;
  let hasExited = false;
  const exited = new Promise<void>((resolve) => {
    const settle = (): void => {
      hasExited = true;
      resolve();
    };
    child.on('exit', settle);
    child.on('error', (error: NodeJS.ErrnoException) => {
      startFailure = error.code ?? 'UNKNOWN';
      settle();
    });
  });
  child.unref();
  await log.close();

  while (!hasExited) {
    const file = await readPostmasterFile(cluster);
    if (child.pid !== undefined && file?.pid === child.pid && file.isReady) {
      return { postmaster: { pid: child.pid, exited, signal: (signal) => void child.kill(signal) } };
    }
    await sleep(POLL_MS);
  }
  const fatal = await lastFatalLine(logPath(options.database), logStart);
  return { reason: startFailure ?? fatal ?? `it ended with status ${child.exitCode ?? child.signalCode}` };
}

function serverArguments({ user, socket, durable, maxConnections }: PostmasterOptions, cluster: string): string[] {
  const settings = {
    listen_addresses: '',
    port: String(SOCKET_PORT),
    unix_socket_directories: socket.serverName,
    unix_socket_permissions: '0700',
    cluster_name: 'tooken',
    max_connections: String(Math.max(maxConnections, DEFAULT_MAX_CONNECTIONS)),
    shared_buffers: '128MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    password_encryption: 'scram-sha-256',
    log_checkpoints: 'off',
    // Statements and details of errors hold values of rows.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return [
    '-D',
    clusterName(user, cluster),
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}
