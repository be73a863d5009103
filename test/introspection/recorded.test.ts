import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateCredential } from '../../src/credentials/format.ts';
import { connect } from '../../src/db/connection.ts';
import { formatRecord } from '../../src/introspection/recorded/record.ts';
import type { TokenId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestService, type TestWorkspace } from '../support/service.ts';

const database = await createTestDatabase();
const here = await createTestService(database);
const elsewhere = await createTestService(database);
const owner = connect(database.owner, { max: 1 });
afterAll(() => owner.end());

let workspace: TestWorkspace;
let secret: string;
let tokenId: string;

beforeAll(async () => {
  workspace = await here.addWorkspace('audited');
  ({ secret, id: tokenId } = await issue(workspace.live.secret));
  await setMode('all');
});

async function issue(key: string): Promise<{ secret: string; id: string }> {
  const { body } = await here.call('POST', '/v1/tokens', {
    secret: key,
    json: { name: 'billing', scopes: ['a:read'] },
  });
  return { secret: body.secret, id: body.token.id };
}

async function setMode(mode: 'counted' | 'all', service = here): Promise<void> {
  const json = { audited_introspections: mode };
  const { status } = await service.call('PATCH', '/v1/settings', { secret: workspace.live.secret, json });
  expect(status).toBe(200);
}

const ask = (
  token: string,
  { service = here, key = workspace.live.secret, requestId = 'ask', extra = '', path = '' } = {},
) =>
  service.call('POST', `/v1/tokens/introspect${path}`, {
    secret: key,
    body: `token=${token}${extra}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-request-id': requestId },
    address: '192.0.2.7',
  });

/** All records of the request, with the event that each belongs to. */
async function recordsOf(requestId: string, key = workspace.live.secret) {
  const list = await here.call('GET', '/v1/audit-log?action=token.introspected&limit=200', { secret: key });
  const found: { event: string; record: Record<string, unknown> }[] = [];
  for (const { id } of list.body.data) {
    const { body } = await here.call('GET', `/v1/audit-log/${id}/introspections`, { secret: key });
    for (const record of body.data) if (record.request_id === requestId) found.push({ event: id, record });
  }
  return found;
}

const storedRecords = async () => {
  const rows = await owner<{ records: Buffer }[]>`select records from audit_introspections`;
  return rows.map(({ records }) => records.toString('utf8')).join('\n');
};

describe('where every introspection is recorded', () => {
  test('an answer is not given before its record is durable', async () => {
    let isAnswered = false;
    await owner.begin(async (tx) => {
      await tx`lock table audit_introspections in exclusive mode`;
      const asking = ask(secret, { requestId: 'held' }).then((answer) => {
        isAnswered = true;
        return answer;
      });
      // Others are answered meanwhile: nothing else holds this one up.
      await here.call('GET', '/v1/whoami', { secret: workspace.live.secret });
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(isAnswered).toBe(false);
      void asking;
    });
    await expect.poll(() => isAnswered).toBe(true);
    expect(await storedRecords()).toContain('"request":"held"');
  });

  test('a verdict whose record cannot be written is not given', async () => {
    await owner`alter table audit_introspections rename to audit_introspections_away`;
    try {
      const answer = await ask(secret, { requestId: 'failed' });
      expect(answer.status).toBe(500);
      expect(answer.text).not.toContain('active');
    } finally {
      await owner`alter table audit_introspections_away rename to audit_introspections`;
    }
  });

  test('a record says who asked about what, from where, and what came of it', async () => {
    const answer = await ask(secret, { requestId: 'told', extra: '&client_ip=198.51.100.9&required_scope=a:read' });
    expect(answer.body.active).toBe(true);
    const [found] = await recordsOf('told');
    expect(found?.record).toMatchObject({
      introspector: workspace.live.id,
      token: tokenId,
      secret: 'current',
      outcome: 'active',
      required_scope: 'a:read',
      source_ip: '192.0.2.7',
      client_ip: '198.51.100.9',
    });
  });

  test('what is no token of theirs is recorded as unknown, without an id', async () => {
    const other = await here.addWorkspace('other');
    const foreign = (await issue(other.live.secret)).secret;
    const inTest = (await issue(workspace.test.secret)).secret;
    for (const [n, token] of [generateCredential('tkn', 'live', systemRandom), foreign, inTest].entries()) {
      expect((await ask(token, { requestId: `unknown-${n}` })).body).toEqual({ active: false });
      const records = await recordsOf(`unknown-${n}`);
      expect(records.map(({ record }) => [record.outcome, record.token])).toEqual([['unknown', null]]);
    }
    await ask('malformed', { requestId: 'malformed' });
    expect((await recordsOf('malformed')).map(({ record }) => record.outcome)).toEqual(['malformed']);
  });

  test('each question of a batch has its own record', async () => {
    const requests = [{ token: secret }, { token: 'nothing' }, { token: secret, required_scope: 'b:read' }];
    const { status } = await here.call('POST', '/v1/tokens/introspect/batch', {
      secret: workspace.live.secret,
      json: { requests },
      headers: { 'x-request-id': 'several' },
    });
    expect(status).toBe(200);
    const outcomes = (await recordsOf('several')).map(({ record }) => record.outcome);
    expect(outcomes.sort()).toEqual(['active', 'malformed', 'missing_scope']);
  });

  test('every record is provable: its path leads to the root that the event commits to', async () => {
    await Promise.all(Array.from({ length: 23 }, (_, n) => ask(secret, { requestId: `proved-${n}` })));
    for (let n = 0; n < 23; n += 1) {
      const [found] = await recordsOf(`proved-${n}`);
      const event = await here.call('GET', `/v1/audit-log/${found?.event}`, { secret: workspace.live.secret });
      const path = `/v1/audit-log/${found?.event}/introspections/${found?.record.position}`;
      const { body } = await here.call('GET', path, { secret: workspace.live.secret });
      expect(canonicalize(JSON.parse(body.line))).toBe(body.line);
      const hashes = body.hashes.map((text: string) => Buffer.from(text, 'base64'));
      expect(climb(body.line, body.record.position, body.size, hashes)).toBe(event.body.introspections.root);
      expect(body.size).toBe(event.body.count);
    }
  });

  test('its records hold no address; those are apart, and can be erased', async () => {
    await ask(secret, { requestId: 'apart', extra: '&client_ip=198.51.100.77' });
    expect(await storedRecords()).not.toContain('198.51.100.77');
    const leaves = await owner<{ leaf: Buffer }[]>`select leaf from audit_events`;
    expect(leaves.some(({ leaf }) => leaf.includes('198.51.100.77'))).toBe(false);
    const [part] =
      await owner`select 1 from audit_private where subject_type = 'source' and subject_id = '198.51.100.77'`;
    expect(part).toBeDefined();
  });

  test('events are found by the addresses that their records name', async () => {
    await ask(secret, { requestId: 'from', extra: '&client_ip=198.51.100.88' });
    const found = await here.call('GET', '/v1/audit-log?ip=198.51.100.88', { secret: workspace.live.secret });
    expect(found.body.data.map((event: { action: string }) => event.action)).toEqual(['token.introspected']);
    expect(found.body.data[0].introspections.addresses).toContain('198.51.100.88');
  });

  test('records are of an environment, and nobody else can read them', async () => {
    await ask(secret, { requestId: 'mine' });
    const [found] = await recordsOf('mine');
    const other = await here.addWorkspace('stranger');
    for (const key of [workspace.test.secret, other.live.secret]) {
      for (const path of ['', '/0']) {
        const answer = await here.call('GET', `/v1/audit-log/${found?.event}/introspections${path}`, { secret: key });
        expect(answer.status).toBe(404);
      }
    }
  });

  test('is settled on every replica when the change of the setting has answered', async () => {
    for (let n = 0; n < 5; n += 1) {
      await setMode('counted');
      await ask(secret, { service: elsewhere, requestId: `counted-${n}` });
      await setMode('all');
      await ask(secret, { service: elsewhere, requestId: `all-${n}` });
    }
    const stored = await storedRecords();
    for (let n = 0; n < 5; n += 1) {
      expect(stored).not.toContain(`"request":"counted-${n}"`);
      expect(stored).toContain(`"request":"all-${n}"`);
    }
  });
});

test('the line of a record is canonical JSON', () => {
  const record = {
    at: new Date(1_800_000_000_123),
    introspector: workspace.live.id,
    request: 'req',
    token: tokenId as TokenId,
    secret: 'previous',
    outcome: 'active',
    requiredScope: 'a:read',
  } as const;
  const bare = { ...record, token: null, secret: null, requiredScope: null };
  for (const line of [
    formatRecord(record, { source: 0, client: null }),
    formatRecord(bare, { source: null, client: 3 }),
  ]) {
    expect(canonicalize(JSON.parse(line))).toBe(line);
  }
});

/** RFC 9162 §2.1.3.2: the root to which an audit path leads, in hex. */
function climb(entry: string, index: number, size: number, path: readonly Buffer[]): string {
  const sha = (...parts: (Buffer | string)[]) =>
    parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
  let [fn, sn, hash] = [index, size - 1, sha('\0', entry)];
  for (const sibling of path) {
    expect(sn).toBeGreaterThan(0);
    if (fn % 2 === 1 || fn === sn) {
      hash = sha('\u0001', sibling, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else {
      hash = sha('\u0001', hash, sibling);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  expect(sn).toBe(0);
  return hash.toString('hex');
}
