import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { boundServerLog, lastFatalLine, openServerLog } from '../../src/db/embedded/server-log.ts';
import { eventually, scratch } from './scratch.ts';

test('a log beyond its limit moves aside, and a server that has it open goes on in the emptied file', async () => {
  const path = join(await scratch(), 'postgres.log');
  await writeFile(path, Buffer.alloc(8 * 1024 * 1024, 'x'));
  const server = await openServerLog(path);
  const unbound = boundServerLog(path);
  await eventually(async () => (await stat(path)).size === 0);
  await server.write('after\n');
  await server.close();
  unbound();
  expect(await readFile(path, 'utf8')).toBe('after\n');
  expect((await stat(`${path}.1`)).size).toBe(8 * 1024 * 1024);
});

test("the server's reason is the last fatal line since its start", async () => {
  const path = join(await scratch(), 'postgres.log');
  const before = '2026-01-01 00:00:00.000 UTC [1] FATAL:  an older reason\n';
  await writeFile(path, before);
  expect(await lastFatalLine(path, before.length)).toBeUndefined();
  await appendFile(path, '2026-01-01 00:00:01.000 UTC [2] FATAL:  the reason\n2026-01-01 [2] LOG:  shut down\n');
  expect(await lastFatalLine(path, before.length)).toBe('the reason');
});
