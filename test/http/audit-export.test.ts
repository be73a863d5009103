import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/app.ts';
import type { ExportLine } from '../../src/audit/core/export-format.ts';
import { eraseFromLog } from '../../src/audit/erasures/erase.ts';
import { inTransaction } from '../../src/db/connection.ts';
import { deleteApiKey } from '../../src/keys/delete.ts';
import { createListener } from '../../src/main/listener.ts';
import { exporter, readExport } from '../audit/export/world.ts';
import { appendAll, newEvent, newTokenId, range } from '../audit/log.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestService, type TestWorkspace } from '../support/service.ts';

const database = await createTestDatabase();
const service = await createTestService(database, { TOOKEN_RATE_REQUESTS: 'off' });
const app = createApp(service.context);
let workspace: TestWorkspace;

beforeAll(async () => {
  workspace = await service.addWorkspace('exports');
});

const call = (query: string, secret = workspace.live.secret) =>
  service.call('GET', `/v1/audit-log/export${query}`, { secret });

async function issue(secret: string, scopes = ['a:read']) {
  const { body } = await service.call('POST', '/v1/tokens', { secret, json: { name: 'exported', scopes } });
  return body as { token: { id: string }; secret: string };
}

async function list(secret: string, query = ''): Promise<{ leaf_index: number }[]> {
  const { body } = await service.call('GET', `/v1/audit-log?order=asc&limit=200${query}`, { secret });
  return body.data;
}

async function exported(query: string, secret = workspace.live.secret) {
  const answer = await call(query, secret);
  expect(answer.status, answer.text).toBe(200);
  return readExport(Buffer.from(answer.text, 'utf8'));
}

describe('GET /v1/audit-log/export', () => {
  it('shows each environment what its list shows, and the root holds for both', async () => {
    await issue(workspace.live.secret);
    await issue(workspace.test.secret);
    for (const environment of ['live', 'test'] as const) {
      const { secret } = workspace[environment];
      const listed = await list(secret);
      const { header, events } = await exported('', secret);
      expect(events.map(({ event }) => event)).toEqual(listed);
      expect([header.workspace, header.environment]).toEqual([workspace.id, environment]);
    }
  });

  it('has nothing of another workspace', async () => {
    const other = await service.addWorkspace('other exports');
    const { token } = await issue(other.live.secret);
    const { text } = await call('');
    expect(text).not.toContain(token.id);
    expect(text).not.toContain(other.id);
  });

  it('takes the filters of the list', async () => {
    const { token } = await issue(workspace.live.secret);
    await service.call('POST', `/v1/tokens/${token.id}/revoke`, { secret: workspace.live.secret, json: {} });
    for (const query of [
      `target=${token.id}`,
      'action=token.*',
      `actor=${workspace.live.id}&outcome=success`,
      'ip=127.0.0.1',
      'q=revoked',
      'since=2020-01-01T00:00:00Z',
      'until=2020-01-01T00:00:00Z',
    ]) {
      const listed = await list(workspace.live.secret, `&${query}`);
      const { header, events } = await exported(`?${query}`);
      expect(events.map(({ event }) => event)).toEqual(listed);
      expect(Object.keys(header.filters)).toEqual(query.split('&').map((part) => part.split('=')[0]));
    }
  });

  it.each([
    ['ndjson', 'application/x-ndjson', '.ndjson"'],
    ['csv', 'text/csv; charset=utf-8; header=present', '.csv"'],
    ['ocsf', 'application/x-ndjson', '.ocsf.ndjson"'],
  ])('says in its headers what %s it is and what it holds', async (format, type, extension) => {
    const { headers, text } = await call(`?format=${format}`);
    expect(headers.get('content-type')).toBe(type);
    expect(headers.get('cache-control')).toBe('no-store');
    const [first, end] = (headers.get('audit-log-range') ?? '').split(' ').map(Number);
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename="audit-log_${workspace.id}_${first}-${end}${extension}`,
    );
    const note = Buffer.from(headers.get('audit-log-checkpoint') ?? '', 'base64').toString('utf8');
    const [origin, size] = note.split('\n');
    expect(origin).toMatch(new RegExp(`/logs/${workspace.id}$`));
    expect(Number(size)).toBeGreaterThan(end ?? Number.POSITIVE_INFINITY);
    const told = await service.call('GET', `/v1/audit-log/${headers.get('audit-log-event')}`, {
      secret: workspace.live.secret,
    });
    expect(told.body).toMatchObject({
      action: 'audit_log.exported',
      leaf_index: end,
      actor: { type: 'api_key', id: workspace.live.id },
      targets: [{ type: 'workspace', id: workspace.id }],
    });
    expect(text.length).toBeGreaterThan(0);
  });

  it('with a previous size proves consistency, and refuses one that the log has not reached', async () => {
    const { header } = await exported('?previous=1');
    expect(header.previous).toMatchObject({ size: 1 });
    const beyond = await call('?previous=1000000');
    expect([beyond.status, beyond.body.details[0].path]).toEqual([422, 'previous']);
  });

  it.each([
    '?format=xml',
    '?previous=-1',
    '?previous=x',
    '?previous=',
    '?previous=0x1',
    '?limit=5',
    '?action=nothing.happened',
  ])('%s is refused, and nothing is told to the log', async (query) => {
    const before = await list(workspace.live.secret, '&action=audit_log.exported');
    expect((await call(query)).status).toBe(422);
    expect(await list(workspace.live.secret, '&action=audit_log.exported')).toEqual(before);
  });

  it('is begun 60 times a minute at most by all callers of a workspace together', async () => {
    const busy = await service.addWorkspace('busy');
    const statuses: number[] = [];
    for (const n of range(62))
      statuses.push((await call('', n % 2 === 0 ? busy.live.secret : busy.test.secret)).status);
    expect(statuses).toEqual([...range(60).map(() => 200), 429, 429]);
    expect((await call('')).status).toBe(200);
  });

  it('answers HEAD without exporting', async () => {
    const before = await list(workspace.live.secret, '&action=audit_log.exported');
    const headers = { authorization: `Bearer ${workspace.live.secret}` };
    const response = await app.request('/v1/audit-log/export', { method: 'HEAD', headers });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(await list(workspace.live.secret, '&action=audit_log.exported')).toEqual(before);
  });
});

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** Everything from one application: that is where places are counted. */
async function send(secret: string, from = app): Promise<Response> {
  return await from.request('/v1/audit-log/export', { headers: { authorization: `Bearer ${secret}` } });
}

async function open(secret: string, from = app): Promise<Reader> {
  const { status, body } = await send(secret, from);
  expect(status).toBe(200);
  if (body === null) throw new Error('there is no body');
  return body.getReader();
}

async function readRest(reader: Reader): Promise<ExportLine[]> {
  const pieces: Uint8Array[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
  }
  const text = Buffer.concat(pieces).toString('utf8').trimEnd();
  return text.split('\n').map((line) => JSON.parse(line));
}

describe('an export that goes on', () => {
  it('breaks off when the key of its caller is deleted meanwhile', async () => {
    const other = await service.addWorkspace('deleted');
    await appendAll(service.context.db, ...range(600).map(() => newEvent(other.id)));
    const reader = await open(other.live.secret);
    await reader.read();
    await reader.read();
    const principal = { kind: 'system', workspaceId: other.id, environment: 'live' } as const;
    const request = { id: 'test', method: 'CLI', route: 'test', ip: null, userAgent: null };
    await deleteApiKey(service.context, { principal, request }, other.live.id);
    await expect(readRest(reader)).rejects.toThrow('may not read it any more');
  });

  it('breaks off when a token is revoked meanwhile, or had no right from the start', async () => {
    const reader = await issue(workspace.live.secret, ['audit:read']);
    const without = await issue(workspace.live.secret, ['tokens:read']);
    expect((await call('', without.secret)).status).toBe(403);
    const stream = await open(reader.secret);
    await stream.read();
    await service.call('POST', `/v1/tokens/${reader.token.id}/revoke`, { secret: workspace.live.secret, json: {} });
    await expect(readRest(stream)).rejects.toThrow('may not read it any more');
  });

  it('breaks off when the process begins to stop, also when nobody reads on', async () => {
    const stopped = await createTestService(database);
    const stream = await open(workspace.live.secret, createApp(stopped.context));
    await stream.read();
    const closed = expect(stream.closed).rejects.toThrow('about to stop');
    stopped.context.beginToStop();
    await closed;
  });

  it('reads no further than its reader: what is erased meanwhile does not go out any more', async () => {
    const other = await service.addWorkspace('slow reader');
    const id = newTokenId();
    await appendAll(service.context.db, ...range(600).map(() => newEvent(other.id)));
    await appendAll(service.context.db, newEvent(other.id, { targets: [{ type: 'token', id, name: 'Ada Lovelace' }] }));
    const reader = await open(other.live.secret);
    await reader.read();
    await reader.read();
    const subject = { type: 'token', id } as const;
    const order = { workspaceId: other.id, subject, ...exporter };
    await inTransaction(service.context.db, (tx) =>
      eraseFromLog(tx, service.context, order, { usageRows: 0, requestRows: 0 }),
    );
    const lines = await readRest(reader);
    expect(lines.at(-1)).toMatchObject({ type: 'manifest', events: 603 });
    expect(JSON.stringify(lines)).not.toContain('Lovelace');
  });

  it('has places for three of a caller; one that ends, or is given up, makes room', async () => {
    const { secret } = workspace.live;
    const three = await Promise.all(range(3).map(() => open(secret)));
    const refused = await send(secret);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '30']);
    expect(await refused.text()).toContain('3 exports');
    await (await open(workspace.test.secret)).cancel();
    await three[0]?.cancel();
    await readRest(await open(secret));
    for (const reader of three.slice(1)) await readRest(reader);
    const again = await Promise.all(range(3).map(() => open(secret)));
    for (const reader of again) await reader.cancel();
  });
});

describe('over a connection', () => {
  const { server } = createListener(service.context);
  let port = 0;
  let large: TestWorkspace;

  beforeAll(async () => {
    large = await service.addWorkspace('large');
    const note = 'x'.repeat(10_000);
    for (const _ of range(20))
      await appendAll(service.context.db, ...range(100).map(() => newEvent(large.id, { note })));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => server.close());

  async function begin(): Promise<IncomingMessage> {
    const headers = { authorization: `Bearer ${large.live.secret}` };
    const sent = httpRequest({ port, host: '127.0.0.1', path: '/v1/audit-log/export', headers }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    return answer;
  }

  it('a client that goes away gives its place back', async () => {
    const answers = [await begin(), await begin(), await begin()];
    expect((await begin()).statusCode).toBe(429);
    for (const answer of answers) answer.destroy();
    let status: number | undefined;
    while (status !== 200) {
      const answer = await begin();
      status = answer.statusCode;
      answer.destroy();
    }
  });

  it('a client notices that an export broke off: the answer has no end', async () => {
    const answer = await begin();
    const ended = new Promise<string>((resolve) => {
      answer.on('end', () => resolve('complete'));
      answer.on('error', (error) => resolve(error.message));
    });
    await once(answer, 'readable');
    expect(answer.read(1)).toHaveLength(1);
    const principal = { kind: 'system', workspaceId: large.id, environment: 'live' } as const;
    const request = { id: 'test', method: 'CLI', route: 'test', ip: null, userAgent: null };
    await deleteApiKey(service.context, { principal, request }, large.live.id);
    answer.resume();
    expect(await ended).toBe('aborted');
  });
});
