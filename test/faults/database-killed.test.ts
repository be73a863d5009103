import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { postmasterOf } from '../support/postmaster.ts';
import { startService } from '../support/service-process.ts';
import { startKeeping } from './kept-evidence.ts';
import { reckon } from './reckoning.ts';
import { createBook, write } from './workload.ts';

const ROUNDS = inject('faultRun') === 'long' ? 10 : 2;
const WRITERS = 8;

it(`killing PostgreSQL under load ${ROUNDS} times gives 503s and nothing else, then recovery without a restart, and the log continues every checkpoint`, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tooken-database-'));
  const service = await startService({ TOOKEN_DATA_DIR: dataDir, LOG_LEVEL: 'info', TOOKEN_RATE_REQUESTS: 'off' });
  const { apiKey, url } = service;
  if (apiKey === undefined) throw new Error('the first start printed no API key');
  const book = createBook();
  try {
    const evidence = await startKeeping({ url, apiKey });
    for (let round = 0; round < ROUNDS; round += 1) {
      let isOver = false;
      const writing = write({ url, apiKey }, book, WRITERS, () => isOver);
      await pause(300 + Math.random() * 500);
      process.kill(await postmasterOf(dataDir), 'SIGKILL');
      await pause(300);
      await untilReady(url);
      const before = book.acknowledged.length;
      await expect.poll(() => book.acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(before);
      await evidence.keep({ url, apiKey });
      isOver = true;
      await writing;
    }
    const statuses = [...book.statuses.keys()].filter((status) => typeof status === 'string' || status >= 300);
    expect(statuses).toEqual([503]);
    await reckon({ url, apiKey }, book);
    await evidence.expectUnbroken({ url, apiKey });
  } catch (error) {
    throw new Error(`the service said: ${service.output().slice(-4_000)}`, { cause: error });
  } finally {
    await service.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function untilReady(url: string): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if ((await fetch(`${url}/readyz`)).ok) return;
    await pause(50);
  }
  throw new Error('the service did not recover');
}
