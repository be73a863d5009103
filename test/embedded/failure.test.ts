import { chmod, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { findBinaries } from '../../src/db/embedded/binaries.ts';
import { launchEmbeddedPostgres } from '../../src/db/embedded/launch.ts';
import { chooseRuntimeUser } from '../../src/db/embedded/runtime-user.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { NOBODY, scratch } from './scratch.ts';
import { startService } from './service.ts';

// Real processes on a busy machine: only a hang takes this long.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const makeDatabase = async (): Promise<string> => {
  const dataDir = await scratch();
  await (await launchEmbeddedPostgres({ dataDir, durable: false })).stop();
  return dataDir;
};

/** The one line an operator gets. */
const refusal = async (dataDir: string): Promise<string> => {
  const error: unknown = await launchEmbeddedPostgres({ dataDir, durable: false }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'StartupError' });
  const { message } = error as Error;
  expect(message).not.toContain('\n');
  return message;
};

describe('one line tells what is wrong and what to do', () => {
  test('when the data directory is a file', async () => {
    const file = join(await scratch(), 'data');
    await writeFile(file, '');
    expect(await refusal(file)).toMatch(
      /^Cannot use the data directory \S+: it is a file, .*TOOKEN_DATA_DIR, or set DATABASE_URL to use another PostgreSQL\.$/,
    );
    expect(await refusal(join(file, 'below'))).toMatch(
      /^Cannot use the data directory \S+: it is a file, or lies below/,
    );
  });

  test.runIf(process.platform === 'linux')('when nobody can make a directory there', async () => {
    expect(await refusal('/proc/tooken/data')).toMatch(/^Cannot use the data directory \/proc\/tooken\/data: /);
  });

  test('when the data directory cannot be written', async () => {
    const dataDir = await scratch();
    await chmod(dataDir, 0o555);
    const { error } = await startService(dataDir, { uid: NOBODY }).next();
    expect(error).toBe(
      `StartupError: Cannot use the data directory ${dataDir}: ` +
        'this user may not read and write it; change its owner or choose another TOOKEN_DATA_DIR, or set DATABASE_URL to use another PostgreSQL.',
    );
  });

  test('when the database is of a version that no installed PostgreSQL opens', async () => {
    const dataDir = await makeDatabase();
    await writeFile(join(dataDir, 'postgres/cluster/PG_VERSION'), '9\n');
    expect(await refusal(dataDir)).toMatch(
      /^The database was made by PostgreSQL 9 and only version [\d, ]+ is installed; install PostgreSQL 9, .*DATABASE_URL\.$/,
    );
  });

  test.each(['cluster/PG_VERSION', 'credentials.json'])('when %s is lost, and makes no new database', async (name) => {
    const dataDir = await makeDatabase();
    await rm(join(dataDir, 'postgres', name));
    expect(await refusal(dataDir)).toContain(`is incomplete: ${name} is missing; restore`);
    expect(await refusal(dataDir)).toContain('is incomplete');
  });

  test('when the passwords are damaged', async () => {
    const dataDir = await makeDatabase();
    await truncate(join(dataDir, 'postgres/credentials.json'), 10);
    expect(await refusal(dataDir)).toMatch(/credentials\.json is damaged; restore it/);
  });

  test('when PostgreSQL itself does not start, with its own reason', async () => {
    const dataDir = await makeDatabase();
    await rm(join(dataDir, 'postgres/cluster/global/pg_control'));
    expect(await refusal(dataDir)).toMatch(/^The embedded PostgreSQL does not start: .+; see \S+postgres\.log\.$/);
  });

  test('when no PostgreSQL is installed', async () => {
    const empty = join(await scratch(), 'native');
    await mkdir(join(empty, 'bin'), { recursive: true });
    const user = await chooseRuntimeUser(undefined);
    await expect(
      findBinaries(user, undefined, systemRandom, { packageDirectory: empty, systemDirectories: [] }),
    ).rejects.toThrow(/^No PostgreSQL \(15 or newer\) .*set DATABASE_URL to a server\.$/);
  });
});

test('a start that failed leaves the directory free for the next one', async () => {
  const dataDir = await makeDatabase();
  const version = join(dataDir, 'postgres/cluster/PG_VERSION');
  const right = await readFile(version);
  await writeFile(version, '9\n');
  await refusal(dataDir);
  await writeFile(version, right);
  await (await launchEmbeddedPostgres({ dataDir, durable: false })).stop();
});
