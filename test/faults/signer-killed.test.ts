import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, inject, test } from 'vitest';
import { logIdOf } from '../../src/audit/events/append.ts';
import { type Breakage, startBreakingProxy } from '../audit/breaking-proxy.ts';
import { breakAtEveryMessage, createWaitingLog, expectRecovery, untilGone } from '../audit/broken-signing.ts';
import { PUBLIC_URL, scratchDirectory, WRAPPING_KEY } from '../audit/evidence.ts';
import * as log from '../audit/log.ts';
import { createTestDatabase } from '../support/database.ts';

/** More than a tile. */
const EVENTS = 260;
const STEP = inject('faultRun') === 'long' ? 1 : 4;
const SCRIPT = fileURLToPath(new URL('../audit/sign-process.ts', import.meta.url));

const database = await createTestDatabase();
const db = log.openTestPool(database.app);

test.each<[Breakage, string]>([
  ['lost', 'before'],
  ['done', 'after'],
])('no fork and no loss if the process is killed at any step: %s its message, %s it was done', async (breakage) => {
  let kills = 0;
  for (let message = 1; ; message += STEP) {
    const workspaceId = await createWaitingLog(db, EVENTS);
    const dataDir = scratchDirectory();
    let signer: ChildProcess | undefined;
    const onBreak = () => void signer?.kill('SIGKILL');
    await using proxy = await startBreakingProxy(database.app, { message, breakage, onBreak });
    const options = { publicUrl: PUBLIC_URL, dataDir, wrappingKey: WRAPPING_KEY.toString('hex') };
    const args = [JSON.stringify(proxy.target), logIdOf(workspaceId), JSON.stringify(options)];
    signer = spawn(process.execPath, ['--import', 'tsx', SCRIPT, ...args], { stdio: 'ignore' });
    const [code, signal] = await once(signer, 'exit');
    await untilGone(db, 'signer');
    await expectRecovery(db, workspaceId, dataDir, EVENTS);
    if (!proxy.hasBroken()) {
      expect(code).toBe(0);
      break;
    }
    expect(signal).toBe('SIGKILL');
    kills += 1;
  }
  expect(kills).toBeGreaterThan(30 / STEP);
});

test.runIf(inject('faultRun') === 'long').each<Breakage>(['lost', 'done'])(
  'no fork and no loss if any one message is %s, while a tile is filled',
  async (breakage) => {
    const messages = await breakAtEveryMessage(db, database.app, { events: EVENTS, breakage });
    expect(messages).toBeGreaterThan(30);
  },
);
