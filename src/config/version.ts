import { readFileSync } from 'node:fs';

/** The version of this package; its file lies two levels up, from the source as from the build. */
export function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
