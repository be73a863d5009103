import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { acquireLock } from '../../src/db/embedded/directory-lock.ts';
import { launchEmbeddedPostgres } from '../../src/db/embedded/launch.ts';
import { processStart } from '../../src/db/embedded/process-identity.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { scratch } from './scratch.ts';
import { end, startService } from './service.ts';

// Real processes on a busy machine: only a hang takes this long.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const deadPid = async (): Promise<number> => {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid ?? 0;
};

const inUse = (dataDir: string, pid: number | undefined): string =>
  `The data directory ${dataDir} is in use by process ${pid}; stop it, choose another TOOKEN_DATA_DIR, or use DATABASE_URL.`;

describe('a data directory in use', () => {
  test('is refused with one line that names the process, until that has stopped', async () => {
    const dataDir = await scratch();
    const service = startService(dataDir);
    await service.next();
    const refusal = launchEmbeddedPostgres({ dataDir });
    await expect(refusal).rejects.toMatchObject({ name: 'StartupError', message: inUse(dataDir, service.child.pid) });
    await end(service, 'SIGTERM');
    await (await launchEmbeddedPostgres({ dataDir, durable: false })).stop();
  });

  test('is refused under another name and to the same process', async () => {
    const dataDir = await scratch();
    const server = await launchEmbeddedPostgres({ dataDir, durable: false });
    const alias = join(await scratch(), 'alias');
    await symlink(dataDir, alias);
    await expect(launchEmbeddedPostgres({ dataDir: alias })).rejects.toThrow(inUse(alias, process.pid));
    await server.stop();
  });

  test('goes to exactly one of several services that start at once', async () => {
    const dataDir = await scratch();
    const services = [1, 2, 3].map(() => startService(dataDir));
    const lines = await Promise.all(services.map((service) => service.next()));
    const winner = services[lines.findIndex(({ owner }) => owner !== undefined)];
    expect(lines.filter(({ owner }) => owner !== undefined)).toHaveLength(1);
    for (const { error } of lines.filter(({ owner }) => owner === undefined)) {
      expect(error).toBe(`StartupError: ${inUse(dataDir, winner?.child.pid)}`);
    }
  });
});

describe('a lock file', () => {
  const held = { pid: process.pid, token: 'ab' };

  test.each([
    ['of a process that is gone', async () => JSON.stringify({ ...held, pid: await deadPid(), start: 'then' })],
    ['whose pid belongs to a later process by now', async () => JSON.stringify({ ...held, start: 'before' })],
    ['that a power cut left empty', async () => ''],
    ['that a power cut tore', async () => '{"pid":1,"st'],
    ['without a token', async () => '{"pid":1,"start":"x"}'],
  ])('%s is taken over by exactly one of many', async (_, content) => {
    const directory = await scratch();
    const path = join(directory, 'lock');
    for (let round = 0; round < 10; round += 1) {
      await writeFile(path, await content());
      const outcomes = await Promise.all(Array.from({ length: 16 }, () => acquireLock(path, systemRandom)));
      const winners = outcomes.filter((outcome) => outcome.acquired);
      expect(winners).toHaveLength(1);
      expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid });
      await winners[0]?.release();
    }
    expect(await readdir(directory)).toEqual([]);
  });

  test('whose takeover was killed half-way is taken over all the same', async () => {
    const path = join(await scratch(), 'lock');
    const dead = { pid: await deadPid(), start: 'then' };
    await writeFile(path, JSON.stringify({ ...dead, token: 'aa' }));
    await writeFile(`${path}.takeover-aa`, JSON.stringify({ ...dead, token: 'bb' }));
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => acquireLock(path, systemRandom)));
    expect(outcomes.filter((outcome) => outcome.acquired)).toHaveLength(1);
  });

  test('of a living process is left alone', async () => {
    const path = join(await scratch(), 'lock');
    const holder = { ...held, start: await processStart(process.pid) };
    await writeFile(path, JSON.stringify(holder));
    expect(await acquireLock(path, systemRandom)).toEqual({ acquired: false, holder });
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(holder);
  });
});
