import { readFile, readlink, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { runCommand } from './command.ts';

/** Alive, but the system does not tell us since when. */
const UNKNOWN_START = 'unknown';

/**
 * When the process with this pid started, as an opaque text that no later process with the same pid shares, not even
 * after a reboot. `undefined` if there is no such process, or only its zombie.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  if (!isSignalable(pid)) return undefined;
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    if (stat === undefined) return isSignalable(pid) ? UNKNOWN_START : undefined;
    // The second field is the command in parentheses and may itself hold spaces and parentheses; count after its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
    return `${boot.trim()}:${fields[19]}`;
  }
  const ps = await runCommand('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]);
  const line = ps.stdout.trim();
  if (line === '') return isSignalable(pid) ? UNKNOWN_START : undefined;
  if (line.startsWith('Z')) return undefined;
  return line.replace(/^\S+\s+/, '');
}

/** Whether the process that had this pid and this start is still the one that has it. When in doubt, it is. */
export async function isSameProcess(pid: number, start: string): Promise<boolean> {
  const present = await processStart(pid);
  return present !== undefined && (present === start || present === UNKNOWN_START || start === UNKNOWN_START);
}

/** Whether the pid is a PostgreSQL server that works in this cluster directory, and not a process that reuses the pid. */
export async function isPostgresOf(pid: number, clusterDirectory: string): Promise<boolean> {
  if ((await processStart(pid)) === undefined) return false;
  if (process.platform !== 'linux') {
    const ps = await runCommand('ps', ['-ww', '-o', 'command=', '-p', String(pid)]);
    return ps.stdout.includes('postgres') && ps.stdout.includes(clusterDirectory);
  }
  try {
    // An upgrade may have replaced the file: the kernel then appends " (deleted)".
    const executable = basename(await readlink(`/proc/${pid}/exe`)).split(' ')[0];
    const [working, cluster] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(clusterDirectory)]);
    return executable === 'postgres' && working.dev === cluster.dev && working.ino === cluster.ino;
  } catch {
    return false;
  }
}

function isSignalable(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
