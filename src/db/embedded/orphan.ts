import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../lib/random.ts';
import { StartupError } from '../../lib/startup-error.ts';
import { readClusterFile, replaceClusterFile } from './cluster-file.ts';
import { findPostmaster, readPostmasterFile } from './postmaster.ts';
import type { RuntimeUser } from './runtime-user.ts';
import { removeSocketDirectory } from './socket-directory.ts';

const POLL_MS = 10;
const FAST_SHUTDOWN_POLLS = 1_000;
const IMMEDIATE_SHUTDOWN_POLLS = 500;

/**
 * Stops the server that a killed service left behind, and removes its socket. Stopping rather than adopting it: it may
 * run older binaries or other settings, and its shutdown takes no longer than finding that out. Only for the holder of
 * the lock, which is what makes a server that runs nobody's.
 *
 * A `postmaster.pid` that remains is put right: by now its pid may belong to a stranger, in a restarted container it
 * often does, and PostgreSQL would refuse to start beside a process that it takes for its predecessor. The pid of its
 * parent, us, it knows to be harmless. The rest stays, because by it PostgreSQL sees if its memory is still in use.
 */
export async function stopOrphan(cluster: string, user: RuntimeUser, random: Random): Promise<void> {
  const file = await readPostmasterFile(cluster);
  if (file === undefined) return;
  const pid = await findPostmaster(cluster);
  if (pid !== undefined && !(await endServer(cluster, pid))) {
    throw new StartupError(
      `PostgreSQL process ${pid}, left by a service that was killed, does not stop; end it with "kill -QUIT ${pid}" and start again.`,
    );
  }
  await removeSocketDirectory(user, file.socketDirectory);
  await disownPostmasterFile(cluster, user, random);
}

async function endServer(cluster: string, pid: number): Promise<boolean> {
  sendSignal(pid, 'SIGINT');
  if (await isGoneWithin(FAST_SHUTDOWN_POLLS, cluster, pid)) return true;
  sendSignal(pid, 'SIGQUIT');
  return isGoneWithin(IMMEDIATE_SHUTDOWN_POLLS, cluster, pid);
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function isGoneWithin(polls: number, cluster: string, pid: number): Promise<boolean> {
  for (let poll = 0; poll < polls; poll += 1) {
    if ((await findPostmaster(cluster)) !== pid) return true;
    await sleep(POLL_MS);
  }
  return false;
}

async function disownPostmasterFile(cluster: string, user: RuntimeUser, random: Random): Promise<void> {
  const path = join(cluster, 'postmaster.pid');
  const text = await readClusterFile(path);
  // A shutdown in order has removed it.
  if (text === undefined) return;
  await replaceClusterFile(path, text.replace(/^-?\d+/, String(process.pid)), user, random);
}
