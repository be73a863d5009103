import { execFileSync } from 'node:child_process';
import { chown, link, lstat, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readClusterFile, replaceClusterFile } from '../../src/db/embedded/cluster-file.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { isRoot, NOBODY, scratch } from './scratch.ts';

const self = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, isSelf: true };

describe('reading a file of the cluster', () => {
  test('gives its text', async () => {
    const path = join(await scratch(), 'postmaster.pid');
    await writeFile(path, '4711\n');
    expect(await readClusterFile(path)).toBe('4711\n');
  });

  test('finds nothing in place of a link, a pipe, a directory, or far too much', async () => {
    const directory = await scratch();
    const at = (name: string) => join(directory, name);
    await writeFile(at('secret'), 'secret');
    await symlink(at('secret'), at('link'));
    execFileSync('mkfifo', [at('pipe')]);
    await writeFile(at('huge'), Buffer.alloc(1_000_000));
    for (const name of ['link', 'pipe', '.', 'huge', 'missing'])
      expect(await readClusterFile(at(name))).toBeUndefined();
  });

  test.skipIf(!isRoot)("finds nothing in place of somebody else's file under a second name", async () => {
    const directory = await scratch(NOBODY);
    const secret = join(await scratch(), 'secret');
    await writeFile(secret, 'secret');
    await link(secret, join(directory, 'postmaster.pid'));
    expect(await readClusterFile(join(directory, 'postmaster.pid'))).toBeUndefined();
    await chown(secret, NOBODY, NOBODY);
    expect(await readClusterFile(join(directory, 'postmaster.pid'))).toBe('secret');
  });
});

describe('replacing a file of the cluster', () => {
  test('takes the place of a link and leaves alone where it led', async () => {
    const directory = await scratch();
    const [path, victim] = [join(directory, 'pg_hba.conf'), join(directory, 'victim')];
    await writeFile(victim, 'untouched');
    await symlink(victim, path);
    await replaceClusterFile(path, 'new', self, systemRandom);
    expect(await readFile(victim, 'utf8')).toBe('untouched');
    expect((await lstat(path)).isFile()).toBe(true);
    expect(await readFile(path, 'utf8')).toBe('new');
    expect((await readdir(directory)).sort()).toEqual(['pg_hba.conf', 'victim']);
  });

  test.skipIf(!isRoot)('gives it to the user, for nobody else to read', async () => {
    const path = join(await scratch(), 'pg_hba.conf');
    await replaceClusterFile(path, 'new', { uid: NOBODY, gid: NOBODY, isSelf: false }, systemRandom);
    expect(await stat(path)).toMatchObject({ uid: NOBODY, gid: NOBODY, mode: 0o100600 });
  });
});
