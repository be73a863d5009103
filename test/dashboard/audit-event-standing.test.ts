import { expect, test } from 'vitest';
import { haltLog } from '../../src/audit/checkpoints/checkpoint-store.ts';
import { parseNote } from '../../src/audit/core/note.ts';
import { logIdOf } from '../../src/audit/events/append.ts';
import { insertCosignature } from '../../src/audit/witness/cosignature-store.ts';
import { inTransaction } from '../../src/db/connection.ts';
import { newTestKey } from '../audit/core/export-writer.ts';
import { createAuditWorld } from './audit-world.ts';
import { expectFine } from './world.ts';

const { service, workspace, happen, addBrowsing, visit, ask, cookieOf } = await createAuditWorld();
const { db, checkpoints, clock } = service.context;
const owner = await addBrowsing('owner');
const logId = logIdOf(workspace.id);
const [covered = ''] = await happen({});
await ask(`/live/audit-log/${covered}/proof.json`, { cookie: cookieOf(owner) });

test('an event says which witnesses have cosigned its checkpoint, and when they say they did', async () => {
  const stored = await checkpoints.latest(logId);
  if (stored === undefined) throw new Error('nothing is signed');
  const witness = newTestKey('witness.example.com/w1', 4);
  const line = witness.cosign(parseNote(stored.note).text, Date.UTC(2026, 10, 22, 20) / 1000).trimEnd();
  await insertCosignature(db, stored, { witness: witness.name, line }, clock.now());
  const visitor = await visit(owner);
  const { page } = visitor;
  for (const path of [covered, 'verify']) {
    await page.goto(`/live/audit-log/${path}`);
    expect(await page.getByText('witness.example.com/w1 22 Nov 2026, 20:00:00 UTC').isVisible()).toBe(true);
    await expectFine(visitor);
  }
  await page.goto(`/live/audit-log/${covered}`);
  await page.getByRole('button', { name: 'Verify in the browser' }).click();
  await page.getByText('The event holds').waitFor();
});

test('an event of a log for which nothing more is signed says so, and is not called good', async () => {
  await inTransaction(db, (tx) => haltLog(tx, logId, 'The database is older than what was signed.'));
  const [uncovered = ''] = await happen({});
  const visitor = await visit(owner, { width: 360, colorScheme: 'dark' });
  visitor.expectStatus(503);
  const { page } = visitor;
  await page.goto(`/live/audit-log/${uncovered}`);
  expect(await page.getByText('Nothing more is signed for this log.').isVisible()).toBe(true);
  await page.getByRole('button', { name: 'Verify in the browser' }).click();
  await page.getByText('Nothing could be verified. The service gives no proof now').waitFor();
  await expectFine(visitor);
  await page.goto('/live/audit-log/verify');
  expect(await page.getByText('Halted').isVisible()).toBe(true);
  await expectFine(visitor);
  await page.goto(`/live/audit-log/${covered}`);
  await page.getByRole('button', { name: 'Verify in the browser' }).click();
  await page.getByText('The event holds').waitFor();
});
