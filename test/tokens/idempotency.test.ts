import { describe, expect, test } from 'vitest';
import { purgeAnswers } from '../../src/credentials/idempotency.ts';
import { parseId } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestService } from '../support/service.ts';

const service = await createTestService(await createTestDatabase());
const { live, test: testKey } = await service.addWorkspace('acme');
const sql = service.context.db.$client;
const terms = { name: 'a token', scopes: ['invoices:read'] };
let keys = 0;
const newKey = () => {
  keys += 1;
  return `idempotency-key-${keys}`;
};
/** Makes all answers kept so far older. */
const age = (milliseconds: number) =>
  sql`update idempotent_answers set created_at = created_at - ${milliseconds / 1000} * interval '1 second'`;

type TestAnswer = Awaited<ReturnType<typeof service.call>>;

interface Options {
  readonly json?: unknown;
  readonly body?: string;
  readonly secret?: string;
}

const post = (path: string, key: string, { json = terms, body, secret = live.secret }: Options = {}) =>
  service.call('POST', path, {
    secret,
    ...(body === undefined ? { json } : { body }),
    headers: { 'idempotency-key': key, 'content-type': 'application/json' },
  });
const issue = (key: string, options?: Options) => post('/v1/tokens', key, options);
const countOf = async (name: string) => {
  const [row] = await sql<{ count: number }[]>`select count(*)::int from tokens where name = ${name}`;
  return row?.count;
};

function expectReplay(answer: TestAnswer, first: TestAnswer) {
  // How long this very call has waited is its own to say.
  const withoutWait = ({ text }: TestAnswer) => text.replace(/"waited_ms":\d+/, '');
  expect(withoutWait(answer)).toBe(withoutWait(first));
  expect(answer.status).toBe(first.status);
  expect(answer.headers.get('etag')).toBe(first.headers.get('etag'));
  expect(answer.headers.get('idempotency-replayed')).toBe('true');
}

describe('an Idempotency-Key', () => {
  test('gets the first answer again, secret included, and no second token', async () => {
    const key = newKey();
    const json = { ...terms, name: 'once', expires_in: 600 };
    const first = await issue(key, { json });
    expect(first.status).toBe(201);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expectReplay(await issue(key, { json }), first);
    // Order of members and white space make no other request of it; nor does time.
    await age(86_399_000 - 60_000);
    expectReplay(
      await issue(key, { body: ` { "name":"once", "scopes":["invoices:read"],  "expires_in":600 }` }),
      first,
    );
    expect(await countOf('once')).toBe(1);
  });

  test('with another body is refused', async () => {
    const key = newKey();
    await issue(key);
    const answer = await issue(key, { json: { ...terms, name: 'other' } });
    expect(answer).toMatchObject({ status: 422, body: { error: 'idempotency_mismatch' } });
  });

  test('means something else to another caller, environment and path', async () => {
    const key = newKey();
    const { body } = await issue(key);
    expect((await issue(key, { secret: testKey.secret })).body.token.id).not.toBe(body.token.id);
    const rotation = await post(`/v1/tokens/${body.token.id}/rotate`, key, { json: {} });
    expect(rotation.body.secret).not.toBe(body.secret);
  });

  test.each(['short', 'x'.repeat(256), 'with spaces in between', 'ünïcödé-ünïcödé-ünïcödé'])(
    '%j is none',
    async (key) => {
      expect(await issue(key)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    },
  );

  test('that failed is free: nothing was done, so nothing is kept', async () => {
    const key = newKey();
    expect((await issue(key, { json: { ...terms, expires_at: '2001-01-01T00:00:00Z' } })).status).toBe(422);
    expect((await issue(key)).status).toBe(201);
  });

  test('used by many at once makes one token; each gets its secret or is told to retry', async () => {
    const key = newKey();
    const json = { ...terms, name: 'twins' };
    const answers = await Promise.all(Array.from({ length: 12 }, () => issue(key, { json })));
    const made = answers.filter(({ status }) => status === 201);
    expect(made.length).toBeGreaterThan(0);
    expect(new Set(made.map(({ body }) => body.secret)).size).toBe(1);
    for (const { status, body } of answers) if (status !== 201) expect([status, body.error]).toEqual([409, 'conflict']);
    expect((await issue(key, { json })).body.secret).toBe(made[0]?.body.secret);
    expect(await countOf('twins')).toBe(1);
  });

  test('is forgotten after 24 hours, and the purge removes it', async () => {
    const key = newKey();
    const first = await issue(key);
    await age(86_400_000);
    const second = await issue(key);
    expect(second.status).toBe(201);
    expect(second.body.secret).not.toBe(first.body.secret);
    await purgeAnswers(service.context);
    const [row] = await sql<{ count: number }[]>`select count(*)::int from idempotent_answers`;
    expect(row?.count).toBe(1);
    expectReplay(await issue(key), second);
  });

  test('holds for rotations, of which a retry is none', async () => {
    const { body } = await issue(newKey());
    const path = `/v1/tokens/${body.token.id}/rotate`;
    const key = newKey();
    const first = await post(path, key, { json: { grace_seconds: 60 } });
    expectReplay(await post(path, key, { json: { grace_seconds: 60 } }), first);
    expect((await service.call('GET', `/v1/tokens/${body.token.id}`, { secret: live.secret })).body.rotated_at).toBe(
      first.body.token.rotated_at,
    );
  });

  test('holds for scopes', async () => {
    const key = newKey();
    const json = { name: 'once:only' };
    const first = await post('/v1/scopes', key, { json });
    expectReplay(await post('/v1/scopes', key, { json }), first);
    expect((await post('/v1/scopes', newKey(), { json })).status).toBe(409);
  });
});

describe('a kept answer', () => {
  test('is nothing that the database could read', async () => {
    const key = newKey();
    const { body } = await issue(key);
    const [row] = await sql<{ text: string }[]>`
      select string_agg(encode(key_digest, 'escape') || encode(answer, 'escape'), '') as text from idempotent_answers`;
    for (const secret of [key, body.secret.slice(0, 20), body.token.name]) expect(row?.text).not.toContain(secret);
  });

  test.each([
    ['rotated', '/rotate', {}],
    ['revoked', '/revoke', {}],
  ])('is wiped when its token is %s', async (_, action, json) => {
    const key = newKey();
    const { body } = await issue(key);
    await service.call('POST', `/v1/tokens/${body.token.id}${action}`, { secret: live.secret, json });
    expect(await issue(key)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('rotated, revoked') },
    });
    const [row] = await sql<{ left: number }[]>`
      select count(*)::int as left from idempotent_answers where answer is not null and subject_id =
        (select id from tokens where hint = ${body.token.hint})`;
    expect(row?.left).toBe(0);
  });

  test('is wiped when an ancestor is revoked with what it issued', async () => {
    const parent = await issue(newKey(), { json: { name: 'parent', scopes: ['tokens:write'] } });
    const key = newKey();
    const options = { json: { name: 'child', scopes: ['tokens:read'] }, secret: parent.body.secret };
    const child = await issue(key, options);
    expectReplay(await issue(key, options), child);
    const path = `/v1/tokens/${parent.body.token.id}/revoke`;
    const revoked = await service.call('POST', path, { secret: live.secret, json: { with_issued: true } });
    expect(revoked.body.also_revoked).toBe(1);
    const [row] = await sql<{ left: number }[]>`
      select count(*)::int as left from idempotent_answers where answer is not null and status = 201 and subject_id in
        (select id from tokens where name = 'child')`;
    expect(row?.left).toBe(0);
  });

  test('is given again only to a caller that could still manage the token', async () => {
    const parent = await issue(newKey(), { json: { name: 'parent', scopes: ['tokens:write', 'a:read'] } });
    const key = newKey();
    const options = { json: { name: 'child', scopes: ['a:read'] }, secret: parent.body.secret };
    const child = await issue(key, options);
    expect(parseId('tkn', child.body.token.id)).toBeDefined();
    const narrowed = { secret: live.secret, json: { scopes: ['tokens:write'] } };
    await service.call('PATCH', `/v1/tokens/${parent.body.token.id}`, narrowed);
    expect(await issue(key, options)).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
  });
});
