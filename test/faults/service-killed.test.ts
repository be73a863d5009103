import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { startService } from '../support/service-process.ts';
import { startKeeping } from './kept-evidence.ts';
import { reckon } from './reckoning.ts';
import { createBook, write } from './workload.ts';

const ROUNDS = inject('faultRun') === 'long' ? 30 : 5;
const WRITERS = 8;
const LONGEST_ROUND_MS = 1_500;

it(`after ${ROUNDS} kills at random moments every acknowledged change is there with its event, no event without its change, and the log continues every checkpoint`, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tooken-killed-'));
  // Each start finds the registration of the process that was killed: what takes rights away waits for its lease to end.
  const env = { TOOKEN_DATA_DIR: dataDir, LOG_LEVEL: 'info', TOOKEN_RATE_REQUESTS: 'off', TOOKEN_LEASE_SECONDS: '0.2' };
  const book = createBook();
  let service = await startService(env);
  const { apiKey } = service;
  if (apiKey === undefined) throw new Error('the first start printed no API key');
  try {
    const evidence = await startKeeping({ url: service.url, apiKey });
    for (let round = 0; round < ROUNDS; round += 1) {
      let isOver = false;
      const writing = write({ url: service.url, apiKey }, book, WRITERS, () => isOver);
      await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * LONGEST_ROUND_MS));
      await service.kill();
      isOver = true;
      await writing;
      service = await startService(env);
      await evidence.keep({ url: service.url, apiKey });
    }
    expect(book.acknowledged.length).toBeGreaterThan(ROUNDS * 4);
    await reckon({ url: service.url, apiKey }, book);
    await evidence.expectUnbroken({ url: service.url, apiKey });
  } finally {
    await service.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
});
