import { beforeAll, describe, expect, it } from 'vitest';
import * as log from '../audit/log.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestService, type TestWorkspace } from '../support/service.ts';

const database = await createTestDatabase();
const service = await createTestService(database, { TOOKEN_RATE_REQUESTS: 'off' });
const owner = log.openTestClient(database.owner);
const { db } = service.context;
let workspace: TestWorkspace;

const ask = (query: string, secret = workspace.live.secret) =>
  service.call('GET', `/v1/audit-log/histogram${query}`, { secret });

interface Bucket {
  readonly start: string;
  readonly end: string;
  readonly total: number;
}

async function buckets(query: string): Promise<Bucket[]> {
  const { status, body, text } = await ask(query);
  expect(status, text).toBe(200);
  return body.data;
}

const hours = ({ start, end }: Bucket) => (Date.parse(end) - Date.parse(start)) / 3_600_000;

beforeAll(async () => {
  workspace = await service.addWorkspace('histogram');
  await owner`alter table audit_events disable trigger audit_events_clock`;
  const event = (parts = {}) => log.newEvent(workspace.id, parts);
  const at = (text: string, parts = {}) => log.appendAt(db, new Date(text), event(parts));
  await at('2026-03-28T22:59:59.999Z');
  await at('2026-03-28T23:00:00.000Z');
  await at('2026-03-29T21:59:59.999Z', { action: 'request.denied', outcome: 'denied' });
  await at('2026-03-29T22:00:00.000Z', { action: 'authentication.failed', outcome: 'failure' });
  await at('2026-03-29T12:00:00.000Z', { environment: 'test' });
  await owner`alter table audit_events enable trigger audit_events_clock`;
});

describe('a histogram', () => {
  it('counts what happened by the days of a place, also the one that has 23 hours', async () => {
    const query = '?since=2026-03-28T12:00:00Z&until=2026-03-30T12:00:00Z&time_zone=Europe/Berlin';
    const { body } = await ask(query);
    const none = { success: 0, denied: 0, failure: 0 };
    expect(body).toEqual({
      interval: 'day',
      time_zone: 'Europe/Berlin',
      data: [
        {
          start: '2026-03-27T23:00:00.000Z',
          end: '2026-03-28T23:00:00.000Z',
          total: 1,
          by_outcome: { ...none, success: 1 },
        },
        {
          start: '2026-03-28T23:00:00.000Z',
          end: '2026-03-29T22:00:00.000Z',
          total: 2,
          by_outcome: { ...none, success: 1, denied: 1 },
        },
        {
          start: '2026-03-29T22:00:00.000Z',
          end: '2026-03-30T22:00:00.000Z',
          total: 1,
          by_outcome: { ...none, failure: 1 },
        },
      ],
    });
  });

  it.each([
    ['hour', 'UTC', '2026-03-28T22:10:00Z', '2026-03-28T23:10:00Z', [1, 1], [1, 1]],
    ['hour', 'Asia/Kathmandu', '2026-03-28T23:00:00Z', '2026-03-28T23:01:00Z', [2], [1]],
    ['hour', 'Europe/Berlin', '2026-03-29T00:00:00Z', '2026-03-29T03:00:00Z', [0, 0, 0], [1, 1, 1]],
    ['day', 'Europe/Berlin', '2026-10-25T10:00:00Z', '2026-10-25T11:00:00Z', [0], [25]],
    ['day', 'America/Sao_Paulo', '2017-10-15T12:00:00Z', '2017-10-16T12:00:00Z', [0, 0], [23, 24]],
    ['week', 'UTC', '2026-03-29T00:00:00Z', '2026-03-31T00:00:00Z', [4, 0], [168, 168]],
    ['month', 'UTC', '2026-02-10T00:00:00Z', '2026-03-10T00:00:00Z', [0, 4], [672, 744]],
  ])('by %s in %s from %s to %s', async (interval, zone, since, until, totals, lengths) => {
    const found = await buckets(`?interval=${interval}&time_zone=${zone}&since=${since}&until=${until}`);
    expect(found.map(({ total }) => total)).toEqual(totals);
    expect(found.map(hours)).toEqual(lengths);
    for (const [n, { start }] of found.entries()) expect(start).toBe(found[n - 1]?.end ?? start);
  });

  it('takes actions and outcomes, and shows a caller its own environment only', async () => {
    const range = '&interval=month&since=2026-03-01T00:00:00Z&until=2026-04-01T00:00:00Z';
    const total = async (query: string) => (await buckets(`?${query}${range}`)).map((bucket) => bucket.total);
    expect(await total('action=token.*')).toEqual([2]);
    expect(await total('action=token.*,request.denied')).toEqual([3]);
    expect(await total('outcome=denied,failure')).toEqual([2]);
    expect(await total('action=token.*&outcome=denied')).toEqual([0]);
    const { body } = await ask(`?${range}`, workspace.test.secret);
    expect(body.data.map((bucket: Bucket) => bucket.total)).toEqual([1]);
  });

  it('counts the last 30 days unless it is told otherwise, with all that was answered before', async () => {
    await service.call('POST', '/v1/tokens', {
      secret: workspace.live.secret,
      json: { name: 'counted', scopes: ['a:read'] },
    });
    const found = await buckets('?action=token.created&outcome=success');
    expect(found).toHaveLength(31);
    expect(found.at(-1)?.total).toBe(1);
  });

  it.each([
    ['?interval=minute', 'interval'],
    ['?time_zone=Europe/Atlantis', 'time_zone'],
    ['?time_zone=%2B02:00', 'time_zone'],
    ['?time_zone=EST5EDT4', 'time_zone'],
    ['?time_zone=', 'time_zone'],
    ['?since=2026-01-02T00:00:00Z&until=2026-01-02T00:00:00Z', 'until'],
    ['?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z', 'until'],
    ['?interval=hour&since=2026-01-01T00:00:00Z&until=2026-02-11T16:00:01Z', 'interval'],
    ['?interval=hour&since=2000-01-01T00:00:00Z&until=9999-12-31T00:00:00Z', 'interval'],
  ])('refuses %s', async (query, path) => {
    const { status, body } = await ask(query);
    expect([status, body.details?.[0]?.path]).toEqual([422, path]);
  });

  it('has a thousand intervals at most', async () => {
    expect(await buckets('?interval=hour&since=2026-01-01T00:00:00Z&until=2026-02-11T16:00:00Z')).toHaveLength(1_000);
    const [last] = await buckets('?interval=month&since=9999-12-30T00:00:00Z&until=9999-12-31T00:00:00Z');
    expect(last?.end).toBe('9999-12-31T23:59:59.999Z');
  });
});

describe('a search in the list', () => {
  it.each([
    ['a%20b%20c%20d%20e%20f', 422],
    ['a%20b%20c%20d%20e', 200],
    ['x'.repeat(65), 422],
    ['', 422],
    ['%20', 422],
  ])('q=%s: %i', async (q, status) => {
    const answer = await service.call('GET', `/v1/audit-log?q=${q}`, { secret: workspace.live.secret });
    expect(answer.status, answer.text).toBe(status);
  });
});
