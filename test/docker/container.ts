import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Image, systemPath } from './build.ts';

export interface Container {
  readonly process: ChildProcess;
  /** The exit code, once everything it printed is in `output()`. */
  readonly exited: Promise<number | null>;
  output(): string;
}

/** Any user who is not root and owns nothing will do for the image's own. */
const NOBODY = 65_534;

/**
 * Starts `words` in the image as `docker run` does: in its directory, with its environment, as an unprivileged user. It
 * ends with the test at the latest.
 */
export function start(image: Image, words: readonly string[], env: Readonly<Record<string, string>> = {}): Container {
  if (image.user === 'root') throw new Error('the image runs as root');
  const [program = '', ...args] = words;
  const isRoot = process.getuid?.() === 0;
  const child = spawn(program, args, {
    cwd: join(image.root, image.workdir),
    env: { PATH: systemPath(), HOME: '/nonexistent', ...image.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(isRoot && { uid: NOBODY, gid: NOBODY }),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exited = once(child, 'close').then(() => child.exitCode);
  return { process: child, exited, output: () => output };
}
