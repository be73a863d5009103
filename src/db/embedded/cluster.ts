import { chown, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../../lib/random.ts';
import { StartupError } from '../../lib/startup-error.ts';
import type { Binaries } from './binaries.ts';
import { replaceClusterFile } from './cluster-file.ts';
import { type CommandResult, failureLine, runCommand } from './command.ts';
import { APP_ROLE, type Credentials, createCredentials, DATABASE_NAME, OWNER_ROLE } from './credentials.ts';
import {
  clusterName,
  clusterPath,
  type DataDirectory,
  privateMode,
  STAGING_PREFIX,
  syncPath,
} from './data-directory.ts';
import type { RuntimeUser } from './runtime-user.ts';

/** The socket's directory is private already; the password keeps out whoever shares the runtime user, such as `nobody`. */
const HOST_BASED_AUTHENTICATION = 'local all all scram-sha-256\n';

interface ClusterOptions {
  readonly data: DataDirectory;
  readonly binaries: Binaries;
  readonly user: RuntimeUser;
  readonly durable: boolean;
  readonly random: Random;
}

/**
 * Makes the cluster with its roles and its database under a temporary name, and renames it when nothing is missing. A
 * crash before the rename leaves rubbish that the next start removes; a crash after it leaves a complete database.
 */
export async function createCluster(options: ClusterOptions): Promise<void> {
  const { data, user, durable, random } = options;
  const staging = join(data.root, `${STAGING_PREFIX}${random.bytes(6).toString('hex')}`);
  const cluster = clusterPath(staging);
  try {
    await mkdir(staging, { mode: privateMode() });
    await mkdir(cluster, { mode: 0o700 });
    if (!user.isSelf) await chown(cluster, user.uid, user.gid);
    const credentials = await createCredentials(staging, random);
    await initialise(options, cluster);
    await createRoles(options, cluster, credentials);
    if (durable) await syncCluster(options, cluster, staging);
    // Commit point of the first start.
    await rename(staging, data.database);
    if (durable) await syncPath(data.root);
  } catch (error) {
    await rm(staging, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
}

async function initialise({ data, binaries, user, random }: ClusterOptions, cluster: string): Promise<void> {
  const args = ['-D', clusterName(user, cluster), '-U', OWNER_ROLE, '--encoding=UTF8', '--no-locale', '--no-sync'];
  // Sorts by code point like C, yet knows upper and lower case beyond ASCII.
  if (binaries.major >= 17) args.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  // `trust` is for the single-user process below only: no server has run yet when it is replaced.
  args.push('--data-checksums', '--no-instructions', '--auth=trust');
  requireSuccess('create', await runCommand(binaries.initdb, args, { user, directory: cluster }), data);

  await replaceClusterFile(join(cluster, 'pg_hba.conf'), HOST_BASED_AUTHENTICATION, user, random);
}

/** In single-user mode, so that no server is reachable before its roles have passwords. */
async function createRoles(
  { data, binaries, user }: ClusterOptions,
  cluster: string,
  credentials: Credentials,
): Promise<void> {
  const statements = [
    `ALTER ROLE ${OWNER_ROLE} PASSWORD '${credentials.ownerPassword}'`,
    `CREATE ROLE ${APP_ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '${credentials.appPassword}'`,
    // In the template, so that every database made from it has it.
    'REVOKE CREATE ON SCHEMA public FROM PUBLIC',
    `CREATE DATABASE ${DATABASE_NAME} OWNER ${OWNER_ROLE} TEMPLATE template1`,
    `REVOKE ALL ON DATABASE ${DATABASE_NAME} FROM PUBLIC`,
    `GRANT CONNECT ON DATABASE ${DATABASE_NAME} TO ${APP_ROLE}`,
  ];
  const args = [
    '--single',
    '-F',
    '-D',
    clusterName(user, cluster),
    '-c',
    'exit_on_error=true',
    '-c',
    'log_checkpoints=off',
  ];
  // An error would otherwise quote the statement, with its password.
  args.push('-c', 'log_min_error_statement=panic', 'template1');
  const input = `${statements.join('\n')}\n`;
  requireSuccess('set up', await runCommand(binaries.postgres, args, { user, directory: cluster, input }), data);
}

async function syncCluster({ data, binaries, user }: ClusterOptions, cluster: string, staging: string): Promise<void> {
  const args = ['-D', clusterName(user, cluster), '--sync-only'];
  requireSuccess('write', await runCommand(binaries.initdb, args, { user, directory: cluster }), data);
  await syncPath(staging);
}

function requireSuccess(purpose: string, result: CommandResult, { root }: DataDirectory): void {
  if (result.status === 0) return;
  throw new StartupError(
    `Could not ${purpose} the embedded database in ${root}: ${failureLine(result)}; remove the cause, or set DATABASE_URL.`,
  );
}
