import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** `npm run demo`, with a directory for temporary files of its own. */
async function beginDemo() {
  const temporary = await mkdtemp(join(tmpdir(), 'tooken-demo-test-'));
  onTestFinished(() => rm(temporary, { recursive: true, force: true, maxRetries: 5 }));
  const child = spawn('npm', ['run', '--silent', 'demo'], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: temporary, TMPDIR: temporary, npm_config_update_notifier: 'false' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGTERM'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  return {
    child,
    output: () => output,
    exited: once(child, 'exit').then(([code]) => code as number | null),
    leftovers: async () => (await readdir(temporary)).filter((name) => name.startsWith('tooken-demo-')),
  };
}

describe('the demo', { timeout: 120_000 }, () => {
  it('issues, introspects, is refused, rotates, revokes and audits; it ends by itself and leaves nothing', async () => {
    const demo = await beginDemo();
    expect(await demo.exited, demo.output()).toBe(0);
    const statuses = [...demo.output().matchAll(/→ (\d+)/g)].map(([, status]) => status);
    expect(statuses).toEqual(['201', '200', '403', '200', '200', '200', '200', '200']);
    expect(demo.output()).toContain('This call needs the scope tokens:write.');
    expect([...demo.output().matchAll(/"active": (\w+)/g)].map(([, active]) => active)).toEqual([
      'true',
      'true',
      'false',
    ]);
    for (const action of ['token.created', 'request.denied', 'token.rotated', 'token.revoked'])
      expect(demo.output()).toMatch(new RegExp(`^ +\\S+Z +${action} `, 'm'));
    expect(demo.output()).not.toMatch(/_live_\w{20}/);
    expect(await demo.leftovers()).toEqual([]);
  });

  it.each([
    ['its reader goes away', (child: ReturnType<typeof spawn>) => child.stdout?.destroy()],
    ['npm gets a signal', (child: ReturnType<typeof spawn>) => child.kill('SIGTERM')],
  ])('leaves nothing when %s', async (_, interrupt) => {
    const demo = await beginDemo();
    await expect.poll(demo.output, { timeout: 60_000 }).toContain('Creating the embedded database');
    interrupt(demo.child);
    await demo.exited;
    expect(await demo.leftovers()).toEqual([]);
  });
});
