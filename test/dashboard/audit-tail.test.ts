import { afterEach, describe, expect, test } from 'vitest';
import type { EventRow } from '../../src/dashboard/pages/audit-log/list-row.ts';
import { idToUuid } from '../../src/lib/ids.ts';
import { type BlockReader, readBlocks } from '../http/sse.ts';
import { createAuditWorld, HOSTILE_NAMES } from './audit-world.ts';
import { type BrowsingPerson, csrfIn, expectFine } from './world.ts';

const world = await createAuditWorld({ TOOKEN_RATE_REQUESTS: 'off' });
const { happen, issued, visit, ask, cookieOf } = world;
const sql = world.service.context.db.$client;

/** Someone of the workspace at whose list everything up to now is shown. */
async function watcher(path = '/live/audit-log', given?: BrowsingPerson) {
  const owner = given ?? (await world.addBrowsing('owner'));
  const visitor = await visit(owner);
  const { page } = visitor;
  await page.goto(path);
  return {
    owner,
    visitor,
    page,
    watch: () => page.getByRole('button', { name: 'Watch live' }).click(),
    first: () => page.locator('.events tbody tr').first(),
    state: page.locator('.live').getByRole('status'),
  };
}

describe('watching live', () => {
  test('shows what happens on top, as the list shows it, and reads it out', async () => {
    const { visitor, page, watch, first, state } = await watcher();
    await watch();
    await state.getByText('Waiting for events').waitFor();
    const [id] = await happen(issued('billing export'));
    await page.getByText('billing export').first().waitFor();
    const shown = await first().innerHTML();
    expect(await first().locator('th a').getAttribute('href')).toBe(`/live/audit-log/${id}`);
    expect(await page.getByRole('log').textContent()).toBe('ci (API key) issued token billing export');
    expect(await state.textContent()).toBe('1 event so far');
    await expectFine(visitor);
    await page.reload();
    expect(shown).toBe(await first().innerHTML());
  });

  test('begins where the list ends: what happened before the click is there', async () => {
    const { page, watch } = await watcher();
    await happen(issued('between'), issued('and after'));
    await watch();
    await page.getByText('and after').first().waitFor();
    expect(await page.locator('.events tbody').getByText('between').count()).toBe(1);
  });

  test('follows the filters that are set, and those that are set then', async () => {
    const { page, watch } = await watcher('/live/audit-log?action=token.revoked');
    await watch();
    await happen(issued('not wanted'), issued('wanted', { action: 'token.revoked' }));
    await page.getByText('wanted').first().waitFor();
    expect(await page.locator('.events tbody').getByText('not wanted').count()).toBe(0);
    await page.getByLabel('Action').fill('token.deleted');
    await page.waitForURL('**action=token.deleted');
    await happen(
      issued('wanted no more', { action: 'token.revoked' }),
      issued('wanted now', { action: 'token.deleted' }),
    );
    await page.getByText('wanted now').first().waitFor();
    expect(await page.locator('.events tbody tr').count()).toBe(1);
  });

  test('pauses, counts what waits, and goes on without having lost any of it', async () => {
    const { page, watch, state } = await watcher();
    await watch();
    await happen(issued('before'));
    await page.getByText('before').first().waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await happen(issued('paused 1'), issued('paused 2'));
    await state.getByText('Paused, 2 events waiting').waitFor();
    expect(await page.getByText('paused 1').count()).toBe(0);
    await page.getByRole('button', { name: 'Go on' }).click();
    const names = await page.locator('.events tbody th bdi:last-child').allTextContents();
    expect(names.slice(0, 3)).toEqual(['paused 2', 'paused 1', 'before']);
    await page.getByRole('button', { name: 'Watch live' }).click();
    expect(await state.textContent()).toBe('');
  });

  test('an empty list fills', async () => {
    const { page, watch } = await watcher('/live/audit-log?action=group.deleted');
    await page.getByText('No event matches').waitFor();
    await watch();
    await happen({ action: 'group.deleted', targets: [{ type: 'group', id: 'grp_1', name: 'north' }] });
    await page.getByText('deleted group').first().waitFor();
    expect(await page.getByText('No event matches').count()).toBe(0);
  });

  test.each(HOSTILE_NAMES)('puts %s on the page as text', async (name) => {
    const { visitor, page, watch } = await watcher();
    await watch();
    await happen(issued(name, { actor: { type: 'api_key', id: 'key_01kav3c4r8e0jbwn7sgm5zkqd2', name } }));
    const row = page.locator('.event-new').first();
    await row.waitFor();
    expect(await row.locator('th bdi').allTextContents()).toEqual([name, name]);
    expect(await row.locator('img, script').count()).toBe(0);
    await expectFine(visitor);
  });

  test('goes on behind the last event after the connection was lost, without a gap or a duplicate', async () => {
    const person = await world.addBrowsing('owner');
    const { visitor, page, watch, state } = await watcher('/live/audit-log', person);
    let lost = 0;
    await page.route('**/audit-log/stream**', async (route) => {
      lost += 1;
      if (lost === 2) return route.fulfill({ status: 503, body: '' });
      if (lost > 2) return route.continue();
      // The first connection hands on one event and is gone.
      const response = await fetch(route.request().url(), { headers: { cookie: cookieOf(person) } });
      const reader = response.body?.getReader();
      let text = '';
      while (!text.includes('event: audit')) text += new TextDecoder().decode((await reader?.read())?.value);
      await reader?.cancel();
      return route.fulfill({ status: 200, contentType: 'text/event-stream', body: text });
    });
    visitor.expectStatus(503);
    await happen(issued('kept 1'));
    await watch();
    await page.getByText('kept 1').first().waitFor();
    await happen(issued('kept 2'));
    await page.getByText('kept 2').first().waitFor();
    expect(lost).toBe(3);
    for (const name of ['kept 1', 'kept 2']) {
      expect(await page.locator('.events tbody').getByText(name).count(), name).toBe(1);
    }
    expect(await state.textContent()).toBe('2 events so far');
  });

  test('ends when its member signs out elsewhere, and says so', async () => {
    const { owner, visitor, watch, state } = await watcher();
    await watch();
    await state.getByText('Waiting for events').waitFor();
    visitor.expectStatus(401);
    const csrf = csrfIn((await ask('/live/overview', { cookie: cookieOf(owner) })).text);
    expect((await ask('/sign-out', { cookie: cookieOf(owner), form: { csrf } })).status).toBe(303);
    await state.getByText('You are signed out').waitFor();
    expect(await visitor.page.getByRole('button', { name: 'Watch live' }).getAttribute('aria-pressed')).toBe('false');
  });

  test('ends when its member loses the right, and says so', async () => {
    const { owner, visitor, watch, state } = await watcher();
    await watch();
    await state.getByText('Waiting for events').waitFor();
    visitor.expectStatus(403);
    await sql`update members set access = 'member' where id = ${idToUuid(owner.id)}`;
    await happen(issued('never shown'));
    await state.getByText('no longer covers the audit log').waitFor();
    expect(await visitor.page.getByText('never shown').count()).toBe(0);
  });
});

describe('the stream', () => {
  const open: BlockReader[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((reader) => reader.close()));
  });

  async function follow(person: BrowsingPerson, query = ''): Promise<BlockReader> {
    const response = await fetch(new URL(`/live/audit-log/stream${query}`, world.url), {
      headers: { cookie: cookieOf(person) },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const reader = readBlocks(response.body);
    open.push(reader);
    return reader;
  }

  const seen = (person: BrowsingPerson) => sql`
    select last_seen_at from sessions where id = ${idToUuid(person.sessionId)}`;

  async function lastSeen(person: BrowsingPerson, minutesAgo: number): Promise<void> {
    await sql`
      update sessions set last_seen_at = now() - make_interval(mins => ${minutesAgo}), created_at = now() - interval '2 hours',
        authenticated_at = now() - interval '2 hours' where id = ${idToUuid(person.sessionId)}`;
  }

  test('is no use of the session, however often it is asked for', async () => {
    const person = await world.addBrowsing('owner');
    await lastSeen(person, 50);
    const before = await seen(person);
    const stream = await follow(person);
    await happen(issued('seen'));
    expect((await stream.nextEvent())?.event).toBe('audit');
    expect(await seen(person)).toEqual(before);
    await ask('/live/audit-log', { cookie: cookieOf(person) });
    expect(await seen(person)).not.toEqual(before);
  });

  test('ends with a session that is idle for too long', async () => {
    const person = await world.addBrowsing('owner');
    const stream = await follow(person);
    await lastSeen(person, 61);
    await happen(issued('not for you'));
    expect(await stream.nextEvent()).toMatchObject({ event: 'end', data: { reason: 'access_ended' } });
    expect((await ask('/live/audit-log/stream', { cookie: cookieOf(person) })).status).toBe(401);
  });

  test('says no more of an event than its row', async () => {
    const stream = await follow(await world.addBrowsing('auditor'));
    await happen(issued('a row'));
    const row: EventRow = (await stream.nextEvent())?.data;
    expect(Object.keys(row).sort()).toEqual([
      'action',
      'actor',
      'at',
      'exact',
      'href',
      'index',
      'outcome',
      'said',
      'source',
    ]);
  });

  test('begins where it is told to, and refuses what is no place of this log', async () => {
    const person = await world.addBrowsing('owner');
    expect((await (await follow(person, '?after=0')).nextEvent())?.id).toBe('1');
    for (const [query, status] of [
      ['?after=x', 422],
      ['?after=999999', 409],
      ['?since=yes', 422],
    ] as const) {
      expect((await ask(`/live/audit-log/stream${query}`, { cookie: cookieOf(person) })).status, query).toBe(status);
    }
  });

  test('has twenty places for a member, and gives them back', async () => {
    const person = await world.addBrowsing('owner');
    for (let n = 0; n < 25; n += 1) {
      await fetch(new URL('/live/audit-log/stream', world.url), {
        method: 'HEAD',
        headers: { cookie: cookieOf(person) },
      });
    }
    for (let n = 0; n < 20; n += 1) await follow(person);
    const path = '/live/audit-log/stream';
    expect((await ask(path, { cookie: cookieOf(person) })).status).toBe(429);
    await open.pop()?.close();
    await expect
      .poll(async () =>
        follow(person).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
  });

  test('ends in good order when the service stops', async () => {
    const person = await world.addBrowsing('owner');
    const stream = await follow(person);
    await stream.next();
    world.service.context.beginToStop();
    expect(await stream.nextEvent()).toMatchObject({ event: 'end', data: { reason: 'stopping' } });
    expect(await stream.next()).toBeUndefined();
    expect((await ask('/live/audit-log/stream', { cookie: cookieOf(person) })).status).toBe(503);
  });
});
