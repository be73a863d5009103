import { expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import type { Breakage } from './breaking-proxy.ts';
import { breakAtEveryMessage } from './broken-signing.ts';
import * as log from './log.ts';

const database = await createTestDatabase();
const db = log.openTestPool(database.app);

test.each<[string, Breakage]>([
  ['is lost on its way', 'lost'],
  ['is done, and nobody hears of it', 'done'],
])('no fork and no loss if any one message of placing and signing %s', { timeout: 60_000 }, async (_, breakage) => {
  const messages = await breakAtEveryMessage(db, database.app, { events: 2, breakage });
  // Two transactions, and the one that makes the key.
  expect(messages).toBeGreaterThan(20);
});
