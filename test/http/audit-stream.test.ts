import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/app.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestService, type TestWorkspace } from '../support/service.ts';
import { type BlockReader, readBlocks } from './sse.ts';

const database = await createTestDatabase();
const service = await createTestService(database, { TOOKEN_RATE_REQUESTS: 'off' });
const app = createApp(service.context);
let workspace: TestWorkspace;
let names = 0;

beforeAll(async () => {
  workspace = await service.addWorkspace('stream');
});

const open: BlockReader[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((reader) => reader.close()));
});

interface Opening {
  readonly secret?: string;
  readonly headers?: Record<string, string>;
  readonly method?: string;
}

function request(query: string, { secret = workspace.live.secret, headers, method = 'GET' }: Opening = {}) {
  const path = `/v1/audit-log/stream${query}`;
  return app.request(path, { method, headers: { authorization: `Bearer ${secret}`, ...headers } });
}

async function follow(query = '', opening?: Opening): Promise<BlockReader> {
  const response = await request(query, opening);
  expect(response.status).toBe(200);
  const reader = readBlocks(response.body);
  open.push(reader);
  return reader;
}

async function issue(secret = workspace.live.secret): Promise<string> {
  names += 1;
  const json = { name: `token ${names}`, scopes: ['a:read'] };
  const { body } = await service.call('POST', '/v1/tokens', { secret, json });
  return body.token.id;
}

const targetOf = (block: Awaited<ReturnType<BlockReader['nextEvent']>>) => block?.data.targets[0]?.id;

describe('a stream of audit events', () => {
  it('begins with what comes next, and shows each event as the API does', async () => {
    await issue();
    const stream = await follow();
    const id = await issue();
    const block = await stream.nextEvent();
    expect(targetOf(block)).toBe(id);
    expect([block?.event, block?.id]).toEqual(['audit', String(block?.data.leaf_index)]);
    const shown = await service.call('GET', `/v1/audit-log/${block?.data.id}`, { secret: workspace.live.secret });
    expect(block?.data).toEqual(shown.body);
  });

  it('has the headers that keep caches and proxies away from it', async () => {
    const response = await request('');
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    await response.body?.cancel();
  });

  it('says where it stands before anything has happened, so that nothing is lost if it ends then', async () => {
    const stream = await follow();
    const { id } = (await stream.next()) ?? {};
    await stream.close();
    const issued = await issue();
    const again = await follow('', { headers: { 'last-event-id': String(id) } });
    expect(targetOf(await again.nextEvent())).toBe(issued);
  });

  it('begins anywhere that is asked for, and Last-Event-ID goes before after', async () => {
    const all = await follow('?after=-1');
    const [first, second, third] = [await all.nextEvent(), await all.nextEvent(), await all.nextEvent()];
    expect([first?.id, second?.id, third?.id].map(Number)).toEqual([0, 1, Number(third?.id)]);
    const from = async (query: string, headers?: Record<string, string>) =>
      (await (await follow(query, headers && { headers })).nextEvent())?.id;
    expect(await from('?after=0')).toBe(second?.id);
    expect(await from('?after=-1', { 'last-event-id': second?.id ?? '' })).toBe(third?.id);
    expect(await from('?after=0', { 'last-event-id': '' })).toBe(second?.id);
  });

  it('goes on where another ended, at any point: no gap, no duplicate, no other order', async () => {
    for (let n = 0; n < 12; n += 1) await issue();
    const list = await service.call('GET', '/v1/audit-log?order=asc&limit=200', { secret: workspace.live.secret });
    const expected = list.body.data.map(({ id }: { id: string }) => id);
    const seen: string[] = [];
    for (let position = '-1'; seen.length < expected.length; ) {
      const stream = await follow('', { headers: { 'last-event-id': position } });
      for (let n = 0; n < 1 + (seen.length % 5) && seen.length < expected.length; n += 1) {
        const block = await stream.nextEvent();
        seen.push(block?.data.id);
        position = block?.id ?? '';
      }
      await stream.close();
    }
    expect(seen).toEqual(expected);
  });

  it('takes the filters of the list', async () => {
    const stream = await follow('?action=token.revoked');
    const id = await issue();
    await service.call('POST', `/v1/tokens/${id}/revoke`, { secret: workspace.live.secret, json: {} });
    const block = await stream.nextEvent();
    expect([block?.data.action, targetOf(block)]).toEqual(['token.revoked', id]);
  });

  it('shows a caller its own environment and workspace only', async () => {
    const foreign = await service.addWorkspace('foreign stream');
    const stream = await follow('?after=-1&action=token.*', { secret: workspace.test.secret });
    await issue(foreign.test.secret);
    await issue(workspace.live.secret);
    const own = await issue(workspace.test.secret);
    expect(targetOf(await stream.nextEvent())).toBe(own);
  });

  it('gives a HEAD its headers and opens nothing', async () => {
    for (let n = 0; n < 30; n += 1) expect((await request('', { method: 'HEAD' })).status).toBe(200);
  });
});

describe('a stream that is refused', () => {
  it.each([
    ['?after=-2', 422],
    ['?after=1e3', 422],
    ['?after=9999999999999999', 422],
    ['?after=', 422],
    ['?order=asc', 422],
    ['?cursor=x', 422],
    ['?after=1&after=2', 400],
    ['?action=nothing', 422],
  ])('%s: %i', async (query, status) => {
    expect((await request(query)).status).toBe(status);
  });

  it('a position that is none, or beyond the end of the log, is told so', async () => {
    expect((await request('', { headers: { 'last-event-id': 'evt_1' } })).status).toBe(422);
    const beyond = await request('', { headers: { 'last-event-id': '1000000' } });
    expect([beyond.status, ((await beyond.json()) as { message: string }).message]).toEqual([
      409,
      expect.stringContaining('does not reach as far as 1000000'),
    ]);
  });

  it('a caller has 20 at once, and gets a place back by closing one', async () => {
    const streams = [];
    for (let n = 0; n < 20; n += 1) streams.push(await follow());
    const refused = await request('');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '30']);
    expect(((await refused.json()) as { message: string }).message).toContain('20 streams');
    const other = await request('', { secret: workspace.test.secret });
    expect(other.status).toBe(200);
    await other.body?.cancel();
    await streams[0]?.close();
    const again = await request('');
    expect(again.status).toBe(200);
    await again.body?.cancel();
  });
});

describe('a stream whose caller loses its rights', () => {
  it('ends before it shows another event, and says why', async () => {
    const issued = await service.call('POST', '/v1/tokens', {
      secret: workspace.live.secret,
      json: { name: 'collector', scopes: ['audit:read'] },
    });
    const stream = await follow('', { secret: issued.body.secret });
    const { id } = (await stream.next()) ?? {};
    await service.call('POST', `/v1/tokens/${issued.body.token.id}/revoke`, {
      secret: workspace.live.secret,
      json: {},
    });
    const block = await stream.nextEvent();
    expect([block?.event, block?.data, block?.id]).toEqual(['end', { reason: 'access_ended' }, id]);
    expect(await stream.next()).toBeUndefined();
  });

  it('ends when its token is left without the scope', async () => {
    const issued = await service.call('POST', '/v1/tokens', {
      secret: workspace.live.secret,
      json: { name: 'narrowed', scopes: ['audit:read', 'a:read'] },
    });
    const stream = await follow('', { secret: issued.body.secret });
    await service.call('PATCH', `/v1/tokens/${issued.body.token.id}`, {
      secret: workspace.live.secret,
      json: { scopes: ['a:read'] },
    });
    expect((await stream.nextEvent())?.data).toEqual({ reason: 'access_ended' });
  });
});

describe('a service that stops', () => {
  it('ends its streams in good order, idle or not, and opens no more', async () => {
    const stopped = await createTestService(database);
    const app = createApp(stopped.context);
    const headers = { authorization: `Bearer ${workspace.live.secret}` };
    const idle = readBlocks((await app.request('/v1/audit-log/stream', { headers })).body);
    await idle.next();
    const end = idle.nextEvent();
    stopped.context.beginToStop();
    expect(await end).toMatchObject({ event: 'end', data: { reason: 'stopping' } });
    expect(await idle.next()).toBeUndefined();
    expect((await app.request('/v1/audit-log/stream', { headers })).status).toBe(503);
  });
});
