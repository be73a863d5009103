import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
/** As good as a service: says which one it is, ends in order after a signal, and says so. */
const STAND_IN = `
const wait = setInterval(() => {}, 1_000);
process.on('SIGTERM', () => {
  console.log('ends in order');
  clearInterval(wait);
});
console.log('NAME', process.pid);
`;

const scratch: string[] = [];
const running: ChildProcess[] = [];
afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  for (const path of scratch.splice(0)) await rm(path, { recursive: true, force: true, maxRetries: 5 });
});

/** A checkout whose service is the stand-in, of the name `source` in src/ and, if it is built, `built` in dist/. */
async function checkout({ packages, source, built }: { packages: string[] | 'all'; source: string; built?: string }) {
  const root = await mkdtemp(join(tmpdir(), 'tooken-start-'));
  scratch.push(root);
  for (const file of [
    'package.json',
    'bin/start.sh',
    'tsconfig.json',
    'tsconfig.build.json',
    'tsconfig.browser.json',
  ]) {
    await cp(join(ROOT, file), join(root, file));
  }
  if (packages === 'all') await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  else for (const name of packages) await mkdir(join(root, 'node_modules', name), { recursive: true });
  await mkdir(join(root, 'src/dashboard/browser'), { recursive: true });
  await writeFile(join(root, 'src/dashboard/browser/main.ts'), 'export {};\n');
  await writeFile(join(root, 'src/main.ts'), STAND_IN.replace('NAME', source));
  if (built !== undefined) {
    await mkdir(join(root, 'dist'));
    await writeFile(join(root, 'dist/main.js'), STAND_IN.replace('NAME', built));
  }
  return root;
}

function npmStart(root: string) {
  const env = { PATH: process.env.PATH, HOME: root, npm_config_update_notifier: 'false' };
  const child = spawn('npm', ['start', '--silent'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  return { child, output: () => output, ended: once(child, 'close').then(([code]) => code as number | null) };
}

async function started({ output }: { output(): string }, name: string): Promise<number> {
  for (;;) {
    const pid = new RegExp(`^${name} (\\d+)$`, 'm').exec(output())?.[1];
    if (pid !== undefined) return Number(pid);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const inAnHour = () => new Date(Date.now() + 3_600_000);

describe('npm start', { timeout: 60_000 }, () => {
  it('hands a signal on to the service, and ends when that has ended', async () => {
    const start = npmStart(await checkout({ packages: ['hono'], source: 'source', built: 'built' }));
    const pid = await started(start, 'built');
    start.child.kill('SIGTERM');
    expect(await start.ended).toBe(0);
    expect(start.output()).toContain('ends in order');
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it.each([
    ['no build', undefined],
    ['a build older than its sources', 'built'],
  ])('builds first where there is %s', async (_, built) => {
    const root = await checkout({ packages: 'all', source: 'source', ...(built !== undefined && { built }) });
    await utimes(join(root, 'src/main.ts'), inAnHour(), inAnHour());
    const start = npmStart(root);
    await started(start, 'source');
    start.child.kill('SIGTERM');
    expect(await start.ended).toBe(0);
    expect(await readFile(join(root, 'dist/main.js'), 'utf8')).toContain('source');
  });

  it('runs the build it has where there is no compiler, whatever the dates say', async () => {
    const root = await checkout({ packages: ['hono'], source: 'source', built: 'built' });
    await utimes(join(root, 'src/main.ts'), inAnHour(), inAnHour());
    const start = npmStart(root);
    await started(start, 'built');
    start.child.kill('SIGTERM');
    expect(await start.ended).toBe(0);
  });

  it.each([
    ['packages', [], 'tooken: The packages are not installed. Run: npm ci\n'],
    [
      'build and compiler',
      ['hono'],
      'tooken: There is no dist/, and no compiler to make it. Run: npm ci --include=dev\n',
    ],
  ])('says in one line what to do without %s', async (_, packages, line) => {
    const start = npmStart(await checkout({ packages, source: 'source' }));
    expect(await start.ended).toBe(1);
    expect(start.output()).toBe(line);
  });
});
