import { expect, test } from 'vitest';
import { createAuditWorld } from './audit-world.ts';
import { expectFine } from './world.ts';

const { service, workspace, addBrowsing, visit, ask, cookieOf } = await createAuditWorld();
const owner = await addBrowsing('owner');
const cookie = cookieOf(owner);
const { secret } = workspace.live;

const { body: issued } = await service.call('POST', '/v1/tokens', {
  secret,
  json: { name: 'billing export', scopes: ['invoices:read'] },
});
await service.call('PATCH', '/v1/settings', { secret, json: { audited_introspections: 'all' } });
// All at once, so that they are recorded together.
await Promise.all(
  Array.from({ length: 120 }, (_, n) =>
    service.call('POST', '/v1/tokens/introspect', {
      secret,
      body: `token=${n % 10 === 0 ? 'tkn_live_nothing' : issued.secret}&scope=invoices:read`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      address: '192.0.2.7',
    }),
  ),
);
const { body: list } = await service.call('GET', '/v1/audit-log?action=token.introspected&limit=50', { secret });
const largest = (list.data as { id: string; introspections: { count: number } }[]).toSorted(
  (a, b) => b.introspections.count - a.introspections.count,
)[0];
const id = largest?.id ?? '';
const count = largest?.introspections.count ?? 0;

test('an event lists the introspections that it stands for, page by page', async () => {
  expect(count).toBeGreaterThan(50);
  const visitor = await visit(owner);
  const { page } = visitor;
  await page.goto(`/live/audit-log/${id}`);
  const table = page.getByRole('table', { name: 'Introspections' });
  expect(await table.getByRole('row').count()).toBe(51);
  expect(await table.getByText('192.0.2.7').first().isVisible()).toBe(true);
  expect(await table.getByRole('link', { name: 'billing export' }).first().getAttribute('href')).toBe(
    `/live/tokens/${issued.token.id}`,
  );
  await expectFine(visitor);
  await page.getByRole('link', { name: 'Later' }).click();
  await page.getByText(`51 to ${Math.min(100, count)} of ${count}`).waitFor();
  await page.getByRole('link', { name: 'Earlier' }).click();
  await page.getByText(`1 to 50 of ${count}`).waitFor();
});

test('verifying the event verifies all of them, and fails if one was changed', async () => {
  const visitor = await visit(owner, { width: 360, colorScheme: 'dark' });
  const { page } = visitor;
  await page.goto(`/live/audit-log/${id}`);
  await page.getByRole('button', { name: 'Verify in the browser' }).click();
  await page.getByText(`${count} records have the root that is in the event.`).waitFor();
  await expectFine(visitor);
  await page.route('**/proof.json', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace('\\"active\\"', '\\"revoked\\"') });
  });
  await page.getByRole('button', { name: 'Verify in the browser' }).click();
  await page.getByText('The event does not hold.').waitFor();
  expect(await page.getByText('The records do not have the root that is in the event.').isVisible()).toBe(true);
});

test('each introspection has a proof of its own, as in the API', async () => {
  const { text } = await ask(`/live/audit-log/${id}/introspections/7/proof.json`, { cookie });
  const { body } = await service.call('GET', `/v1/audit-log/${id}/introspections/7`, { secret });
  const { line, size, root, hashes } = body;
  expect(JSON.parse(text)).toEqual({ event: id, position: 7, line, size, root, hashes });
  for (const position of [String(count), '-1', '07', 'x']) {
    const { status } = await ask(`/live/audit-log/${id}/introspections/${position}/proof.json`, { cookie });
    expect([position, status]).toEqual([position, 404]);
  }
});
