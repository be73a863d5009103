import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { describe, expect, test, vi } from 'vitest';
import { headSize, pendingCount, until } from '../audit/log.ts';
import { createAuditWorld } from './audit-world.ts';
import { expectFine } from './world.ts';

const { service, workspace, happen, issued, addBrowsing, visit, ask, cookieOf } = await createAuditWorld();
const owner = await addBrowsing('owner');
const cookie = cookieOf(owner);

await happen(...Array.from({ length: 150 }, (_, n) => issued(`token ${n}`)));
const checkpoint = await checkpointOfAll();
await happen(...Array.from({ length: 150 }, (_, n) => issued(`token ${150 + n}`, { outcome: 'denied' })));

const { text: key } = await ask('/live/audit-log/key.txt', { cookie });
const whole = await exportWith('');
const filtered = await exportWith('?outcome=denied');

/** Of all that has happened until now: while the log grows, the one that is served may be of a second ago. */
async function checkpointOfAll(): Promise<string> {
  const { db } = service.context;
  await until(async () => (await pendingCount(db)) === 0);
  const size = await headSize(db, workspace.id);
  return vi.waitFor(async () => {
    const { text } = await ask('/live/audit-log/checkpoint.txt', { cookie });
    expect(Number(text.split('\n')[1])).toBeGreaterThanOrEqual(size);
    return text;
  }, 10_000);
}

async function exportWith(query: string): Promise<string> {
  const { text } = await service.call('GET', `/v1/audit-log/export${query}`, { secret: workspace.live.secret });
  return text;
}

/** Chooses a file and verifies it; gives back what is said of it. */
async function verify(
  page: Page,
  content: string | Buffer,
  { kept = true, name = 'may.ndjson' }: { kept?: boolean; name?: string } = {},
): Promise<{ isGood: boolean; said: string }> {
  await page.goto('/live/audit-log/verify');
  if (kept) {
    await page.getByRole('textbox', { name: 'Verifier key' }).fill(key);
    await page.getByLabel('Earlier checkpoint').fill(checkpoint);
  }
  const file = { name, mimeType: 'application/x-ndjson', buffer: Buffer.from(content) };
  await page.getByLabel('Export', { exact: true }).setInputFiles(file);
  await page.getByRole('button', { name: 'Verify the export' }).click();
  const report = page.locator('[data-verify="export"] [data-report]');
  await report.locator('.alert').waitFor();
  return {
    isGood: (await report.locator('.alert-good').count()) === 1,
    said: (await report.textContent()) ?? '',
  };
}

describe('an export', () => {
  test.each([
    { what: 'of everything', content: whole, events: 300 },
    { what: 'of everything, compressed', content: gzipSync(whole), events: 300 },
    { what: 'with filters', content: filtered, events: 150 },
  ])('$what holds as it was sent', async ({ content, events }) => {
    const visitor = await visit(owner, { width: 360, colorScheme: 'dark' });
    const { isGood, said } = await verify(visitor.page, content);
    expect(isGood, said).toBe(true);
    expect(said).toContain('All of may.ndjson holds.');
    expect(Number(/(\d+) events and what stands around them/.exec(said)?.[1])).toBeGreaterThanOrEqual(events);
    expect(said).toContain('The log has only grown since your checkpoint');
    await expectFine(visitor);
  });

  test('goes nowhere: what it holds is in no request', async () => {
    const { page } = await visit(owner);
    const sent: string[] = [];
    page.on('request', (request) => sent.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await verify(page, whole);
    expect(sent.filter((line) => !line.startsWith('GET /assets/'))).toEqual(['GET /live/audit-log/verify']);
  });

  test('without a key of one’s own holds under that of the service, and that is said', async () => {
    const { page } = await visit(owner);
    const { isGood, said } = await verify(page, whole, { kept: false });
    expect(isGood).toBe(true);
    expect(said).toContain('You gave none, so the key is the one that this service names');
  });

  const lines = whole.split('\n');
  const without = (n: number) => [...lines.slice(0, n), ...lines.slice(n + 1)].join('\n');
  test.each([
    { what: 'an event was edited in', content: whole.replace('token 77', 'token 78'), said: 'edited_personal_data' },
    { what: 'an event was taken out of', content: without(40), said: 'removed_record' },
    { what: 'the end is missing of', content: lines.slice(0, 90).join('\n'), said: 'truncated' },
    { what: 'the signature was changed of', content: badSignature(), said: 'bad_signature' },
    { what: 'is no export, but some other file,', content: 'name,age\nAda,36\n', said: 'no_export' },
  ])('of which it is true that $what does not hold, and what is wrong is said', async ({ content, said: code }) => {
    const visitor = await visit(owner);
    const { isGood, said } = await verify(visitor.page, content);
    expect([isGood, said]).toEqual([false, expect.stringContaining(code)]);
    expect(said).toContain('The export does not hold.');
    await visitor.expectClean();
  });

  test('of another log does not hold under one’s own key', async () => {
    const elsewhere = await service.addWorkspace('Elsewhere');
    const { text } = await service.call('GET', '/v1/audit-log/export', { secret: elsewhere.live.secret });
    const { page } = await visit(owner);
    const { isGood, said } = await verify(page, text);
    expect([isGood, said]).toEqual([false, expect.stringContaining('wrong_name')]);
  });

  test('that fits together is not called good by a browser that cannot check signatures', async () => {
    const { page } = await visit(owner);
    await page.addInitScript('SubtleCrypto.prototype.importKey = () => Promise.reject(new Error("unknown"))');
    const { isGood, said } = await verify(page, whole);
    expect([isGood, said]).toEqual([false, expect.stringContaining('who has made it cannot be told here')]);
    expect(said).toContain('This browser cannot check Ed25519 signatures');
    expect(said).not.toContain('Its last line signs all lines before it.');
    const edited = await verify(page, whole.replace('token 77', 'token 78'));
    expect([edited.isGood, edited.said]).toEqual([false, expect.stringContaining('edited_personal_data')]);
    expect(edited.said).not.toContain('that the service signed');
  });

  test('has to be chosen', async () => {
    const { page } = await visit(owner);
    await page.goto('/live/audit-log/verify');
    await page.getByRole('button', { name: 'Verify the export' }).click();
    await page.getByText('Nothing could be verified. Choose a file first.').waitFor();
  });
});

/** The log's own signature of the checkpoint in the header, with one character changed. */
function badSignature(): string {
  const [first = '', ...rest] = whole.split('\n');
  const header = JSON.parse(first) as { checkpoint: string };
  const place = header.checkpoint.length - 20;
  const other = header.checkpoint[place] === 'A' ? 'B' : 'A';
  header.checkpoint = header.checkpoint.slice(0, place) + other + header.checkpoint.slice(place + 1);
  return [JSON.stringify(header), ...rest].join('\n');
}
