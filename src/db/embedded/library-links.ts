import { chmod, readFile, rename, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join, normalize } from 'node:path';
import type { Random } from '../../lib/random.ts';

const PROGRAMS = ['postgres', 'initdb', 'pg_ctl'];

/**
 * Puts right what npm may have left undone in a package of binaries: npm packages hold no symbolic links, so the
 * package's install script makes them from `pg-symlinks.json`, and install scripts are often switched off.
 *
 * @param nativeDirectory the package's `native`
 * @throws the file system's error if something is missing and the directory cannot be written
 */
export async function repairPackage(nativeDirectory: string, random: Random): Promise<void> {
  for (const { source, target } of await readLinks(nativeDirectory)) {
    const link = join(nativeDirectory, target);
    // Follows the link: one that leads nowhere is as bad as none.
    if (await exists(link)) continue;
    const temporary = `${link}.${random.bytes(6).toString('hex')}`;
    await symlink(basename(source), temporary);
    // Two services may repair the same package at once; a rename is right whoever comes last.
    await rename(temporary, link);
  }
  for (const program of PROGRAMS) {
    const path = join(nativeDirectory, 'bin', program);
    const { mode } = await stat(path);
    if ((mode & 0o111) === 0) await chmod(path, (mode & 0o777) | 0o111);
  }
}

/** Paths relative to `native`; only links within one directory, which is all that libraries need. */
async function readLinks(nativeDirectory: string): Promise<{ source: string; target: string }[]> {
  const text = await readFile(join(nativeDirectory, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(text) as { source: string; target: string }[];
  return links
    .map(({ source, target }) => ({ source: withinNative(source), target: withinNative(target) }))
    .filter(({ source, target }) => dirname(source) === dirname(target) && !target.startsWith('..'));
}

function withinNative(path: string): string {
  return normalize(path).replace(/^native\//, '');
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
