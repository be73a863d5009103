import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A Chromium to start, and what its environment needs beside that of the tests. */
export interface ChromiumBinary {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
}

const MODULES = join(import.meta.dirname, '../../node_modules');
const PACKAGE = '@sparticuz/chromium';
const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The one at `CHROMIUM_PATH`, else the one that `npm ci` brings, which starts fastest, else one that is installed. */
export async function findChromium(): Promise<ChromiumBinary> {
  const path = process.env.CHROMIUM_PATH;
  if (path !== undefined) return { executablePath: path, env: {} };
  if (process.platform === 'linux' && process.arch === 'x64') return unpackChromium();
  const installed = INSTALLED.find((candidate) => existsSync(candidate));
  if (installed !== undefined) return { executablePath: installed, env: {} };
  throw new Error('The tests of the dashboard need Chromium. Install it, or say in CHROMIUM_PATH where it is.');
}

/**
 * The Chromium of the package, for Linux on x64, with the libraries and a font that a bare machine lacks. It is unpacked
 * once, which takes about two seconds, into a folder that belongs to this checkout: in the temporary directory somebody
 * else could put another program under its name.
 */
export async function unpackChromium(): Promise<ChromiumBinary> {
  const { version } = JSON.parse(await readFile(join(MODULES, PACKAGE, 'package.json'), 'utf8')) as { version: string };
  const folder = join(MODULES, '.cache', `chromium-${version}`);
  if (!existsSync(folder)) await unpackInto(folder);
  return {
    executablePath: join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: join(folder, 'al2023/lib'), FONTCONFIG_FILE: join(folder, 'fonts.conf') },
  };
}

/** The folder appears whole or not at all, whoever else unpacks at the same time or is interrupted. */
async function unpackInto(folder: string): Promise<void> {
  await mkdir(join(MODULES, '.cache'), { recursive: true });
  const fresh = await mkdtemp(`${folder}-`);
  try {
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', UNPACK], {
      cwd: MODULES,
      // The package unpacks to the temporary directory, and libraries only where it believes to be on such a machine.
      env: { TMPDIR: fresh, AWS_EXECUTION_ENV: 'nodejs20.x' },
    });
    await writeFile(join(fresh, 'fonts.conf'), fontConfiguration(folder));
    await rename(fresh, folder);
  } catch (error) {
    await rm(fresh, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
}

const UNPACK = `import chromium from '${PACKAGE}'; await chromium.executablePath();`;

const fontConfiguration = (folder: string) => `<?xml version="1.0"?>
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${join(folder, 'fonts')}</dir>
  <cachedir>${join(folder, 'font-cache')}</cachedir>
</fontconfig>
`;
