import { setTimeout as sleep } from 'node:timers/promises';
import { StartupError } from '../../lib/startup-error.ts';
import { findPostmaster, readPostmasterFile, sendSignal } from './postmaster.ts';
import type { RuntimeUser } from './runtime-user.ts';
import { removeSocketDirectory } from './socket-directory.ts';

const POLL_MS = 10;
const FAST_SHUTDOWN_POLLS = 1_000;
const IMMEDIATE_SHUTDOWN_POLLS = 500;

/**
 * Stops the server that a killed service left behind, and removes its socket. Stopping rather than adopting it: it may
 * run older binaries or other settings, and its shutdown takes no longer than finding that out. Only for the holder of
 * the lock, which is what makes a server that runs nobody's.
 */
export async function stopOrphan(cluster: string, user: RuntimeUser): Promise<void> {
  const file = await readPostmasterFile(cluster);
  if (file === undefined) return;
  const pid = await findPostmaster(cluster);
  if (pid !== undefined && !(await endServer(cluster, pid))) {
    throw new StartupError(
      `PostgreSQL process ${pid}, left by a service that was killed, does not stop; end it with "kill -QUIT ${pid}" and start again.`,
    );
  }
  await removeSocketDirectory(user, file.socketDirectory);
}

async function endServer(cluster: string, pid: number): Promise<boolean> {
  sendSignal(pid, 'SIGINT');
  if (await isGoneWithin(FAST_SHUTDOWN_POLLS, cluster, pid)) return true;
  sendSignal(pid, 'SIGQUIT');
  return isGoneWithin(IMMEDIATE_SHUTDOWN_POLLS, cluster, pid);
}

async function isGoneWithin(polls: number, cluster: string, pid: number): Promise<boolean> {
  for (let poll = 0; poll < polls; poll += 1) {
    if ((await findPostmaster(cluster)) !== pid) return true;
    await sleep(POLL_MS);
  }
  return false;
}
