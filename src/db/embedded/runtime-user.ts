import { readFile } from 'node:fs/promises';
import { StartupError } from '../../lib/startup-error.ts';

/** The system user that PostgreSQL runs as: ourselves, except that root must lend the work to someone else. */
export interface RuntimeUser {
  readonly uid: number;
  readonly gid: number;
  readonly isSelf: boolean;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** `_postgres` is what macOS calls it. */
const UNPRIVILEGED_NAMES = ['postgres', '_postgres', 'nobody'];

/**
 * Decides who runs PostgreSQL. A cluster that exists keeps its owner, so that a checkout used by a developer and once
 * with sudo, or an image whose `postgres` got another number, still opens.
 *
 * @throws StartupError if there is nobody suitable.
 */
export async function chooseRuntimeUser(clusterOwner: Owner | undefined): Promise<RuntimeUser> {
  const uid = process.geteuid?.();
  const gid = process.getegid?.();
  if (uid === undefined || gid === undefined) {
    throw new StartupError(
      'The embedded PostgreSQL does not run on this platform; set DATABASE_URL to a PostgreSQL server.',
    );
  }
  if (uid !== 0) {
    if (clusterOwner !== undefined && clusterOwner.uid !== uid) {
      throw new StartupError(
        `The embedded database belongs to user id ${clusterOwner.uid} and this process runs as ${uid}; ` +
          'start it as that user or as root, or choose another TOOKEN_DATA_DIR.',
      );
    }
    return { uid, gid, isSelf: true };
  }
  if (clusterOwner !== undefined && clusterOwner.uid !== 0) return { ...clusterOwner, isSelf: false };
  return { ...(await findUnprivilegedUser()), isSelf: false };
}

/** What `spawn` needs to become the user; Node also drops the supplementary groups. */
export function spawnIdentity(user: RuntimeUser): { uid?: number; gid?: number } {
  return user.isSelf ? {} : { uid: user.uid, gid: user.gid };
}

async function findUnprivilegedUser(): Promise<Owner> {
  const entries = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n').map((line) => line.split(':'));
  for (const name of UNPRIVILEGED_NAMES) {
    const entry = entries.find((fields) => fields[0] === name);
    const uid = Number(entry?.[2]);
    const gid = Number(entry?.[3]);
    if (Number.isInteger(uid) && Number.isInteger(gid) && uid !== 0) return { uid, gid };
  }
  throw new StartupError(
    'PostgreSQL refuses to run as root and this system has neither a user "postgres" nor "nobody"; ' +
      'start the service as another user, or set DATABASE_URL.',
  );
}
