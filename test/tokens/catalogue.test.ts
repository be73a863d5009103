import { describe, expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { createTestService } from '../support/service.ts';

const service = await createTestService(await createTestDatabase());
const { live, test: testKey } = await service.addWorkspace('acme');
const other = await service.addWorkspace('other');
const call = (method: string, path: string, json?: unknown, headers: Record<string, string> = {}) =>
  service.call(method, path, { secret: live.secret, ...(json !== undefined && { json }), headers });

describe('the scope catalogue', () => {
  test('adds, describes and removes scopes, each with its revision', async () => {
    const created = await call('POST', '/v1/scopes', { name: 'invoices:write' });
    expect(created).toMatchObject({ status: 201, body: { name: 'invoices:write', description: null } });
    expect(created.headers.get('etag')).toBe('"1"');
    const path = '/v1/scopes/invoices:write';
    expect((await call('PATCH', path, { description: 'x' }, { 'if-match': '"2"' })).status).toBe(412);
    const described = await call('PATCH', path, { description: 'Create invoices' }, { 'if-match': '"7", "1"' });
    expect(described).toMatchObject({ status: 200, body: { description: 'Create invoices' } });
    expect((await call('PATCH', path, {})).headers.get('etag')).toBe('"2"');
    expect((await call('GET', '/v1/scopes/invoices%3Awrite')).body).toEqual(described.body);
    expect((await call('DELETE', path)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) expect((await call(method, path)).status).toBe(404);
    expect((await call('PATCH', path, { description: null })).status).toBe(404);
  });

  test('has each name once', async () => {
    const creations = Array.from({ length: 8 }, () => call('POST', '/v1/scopes', { name: 'twin:read' }));
    const statuses = (await Promise.all(creations)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, ...Array(7).fill(409)]);
  });

  test('refuses what every workspace has anyway, and what is no scope', async () => {
    expect(await call('POST', '/v1/scopes', { name: 'tokens:write' })).toMatchObject({
      status: 422,
      body: { details: [{ path: 'name', message: expect.stringContaining('reserved') }] },
    });
    for (const name of ['a', 'a:', ':b', 'A:b', 'a:b:c', 'a b:c', `${'a'.repeat(128)}:b`]) {
      expect((await call('POST', '/v1/scopes', { name })).status).toBe(422);
    }
  });

  test('is listed by name, in pages, for the own workspace alone', async () => {
    const names = Array.from({ length: 7 }, (_, n) => `list:n${n}`);
    for (const name of names.toReversed()) await call('POST', '/v1/scopes', { name });
    const listed: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await call('GET', `/v1/scopes?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`);
      listed.push(...page.body.data.map(({ name }: { name: string }) => name));
      cursor = page.body.next_cursor;
    }
    expect(listed).toEqual([...names, 'twin:read']);
    const foreign = await service.call('GET', '/v1/scopes', { secret: other.live.secret });
    expect(foreign.body).toEqual({ data: [], next_cursor: null });
    const { next_cursor: cursor } = (await call('GET', '/v1/scopes?limit=1')).body;
    const elsewhere = await service.call('GET', `/v1/scopes?cursor=${cursor}`, { secret: other.live.secret });
    expect(elsewhere.status).toBe(400);
  });

  test('is read, not written, by test keys', async () => {
    const secret = testKey.secret;
    expect((await service.call('GET', '/v1/scopes', { secret })).status).toBe(200);
    expect((await service.call('POST', '/v1/scopes', { secret, json: { name: 'no:way' } })).status).toBe(403);
    expect((await service.call('PATCH', '/v1/settings', { secret, json: {} })).status).toBe(403);
  });
});

describe('the settings', () => {
  test('change what new tokens look like; earlier ones stay, and scanners find both', async () => {
    const before = await call('POST', '/v1/tokens', { name: 'before', scopes: ['a:read'] });
    const changed = await call('PATCH', '/v1/settings', { token_prefix: 'gko' }, { 'if-match': '"1"' });
    expect(changed).toMatchObject({
      status: 200,
      body: { token_prefix: 'gko', former_token_prefixes: ['tkn'], warnings: [] },
    });
    expect(changed.headers.get('etag')).toBe('"2"');
    const after = await call('POST', '/v1/tokens', { name: 'after', scopes: ['a:read'] });
    expect(after.body.secret).toMatch(/^gko_live_/);
    const { api_keys, tokens } = changed.body.scanner_patterns;
    const finds = (patterns: string[], secret: string) => patterns.some((one) => new RegExp(one).test(`x="${secret}"`));
    expect([before, after].every(({ body }) => finds(tokens, body.secret))).toBe(true);
    expect(finds(api_keys, live.secret)).toBe(true);
    expect((await call('PATCH', '/v1/settings', { token_prefix: 'x2' }, { 'if-match': '"1"' })).status).toBe(412);
    expect((await call('PATCH', '/v1/settings', { token_prefix: 'tkn' })).body.former_token_prefixes).toEqual(['gko']);
  });

  test('warn of prefixes that belong to others, and refuse the one of API keys', async () => {
    for (const prefix of ['sk', 'ghp', 'xoxb', 'glpat']) {
      const { body } = await call('PATCH', '/v1/settings', { token_prefix: prefix });
      expect(body).toMatchObject({ token_prefix: prefix, warnings: [expect.stringContaining(prefix)] });
    }
    expect((await call('GET', '/v1/settings')).body.warnings).toHaveLength(1);
    for (const prefix of ['tok', 'x', 'X2', '2x', 'a_b', 'a'.repeat(13), null]) {
      expect((await call('PATCH', '/v1/settings', { token_prefix: prefix })).status).toBe(422);
    }
  });

  test('enforce the catalogue from the very next token on', async () => {
    const terms = { name: 'x', scopes: ['nowhere:read'] };
    expect((await call('POST', '/v1/tokens', terms)).status).toBe(201);
    await call('PATCH', '/v1/settings', { scope_catalogue_enforced: true });
    expect(await call('POST', '/v1/tokens', terms)).toMatchObject({ status: 422, body: { error: 'unknown_scope' } });
    await call('PATCH', '/v1/settings', { scope_catalogue_enforced: false });
    expect((await call('POST', '/v1/tokens', terms)).status).toBe(201);
  });

  test('say who may read the tree of the audit log and what it has of introspections', async () => {
    const initial = { audit_tree_public: false, audited_introspections: 'counted' };
    expect((await service.call('GET', '/v1/settings', { secret: other.live.secret })).body).toMatchObject(initial);
    const wanted = { audit_tree_public: true, audited_introspections: 'all' };
    expect(await call('PATCH', '/v1/settings', wanted)).toMatchObject({ status: 200, body: wanted });
    expect((await call('GET', '/v1/settings')).body).toMatchObject(wanted);
    const { body } = await call('GET', '/v1/audit-log?action=settings.updated&limit=1');
    expect(body.data[0].changes).toEqual([
      { field: 'audit_tree_public', old: false, new: true },
      { field: 'audited_introspections', old: 'counted', new: 'all' },
    ]);
    for (const json of [{ audit_tree_public: 'yes' }, { audited_introspections: 'none' }]) {
      expect((await call('PATCH', '/v1/settings', json)).status).toBe(422);
    }
    await call('PATCH', '/v1/settings', initial);
  });

  test('name the workspace and colour its mark, under which it is listed from then on', async () => {
    const initial = (await call('GET', '/v1/settings')).body;
    const named = await call('PATCH', '/v1/settings', { name: '  Wörkshop 7 ', color: '#2F5FD0' });
    expect(named).toMatchObject({ status: 200, body: { name: 'Wörkshop 7', color: '#2f5fd0' } });
    const { body } = await call('GET', '/v1/audit-log?action=settings.updated&limit=1');
    expect(body.data[0].changes).toEqual([
      { field: 'name', old: initial.name, new: 'Wörkshop 7' },
      { field: 'color', old: null, new: '#2f5fd0' },
    ]);
    const restored = await call('PATCH', '/v1/settings', { name: initial.name, color: null });
    expect(restored.body).toMatchObject({ name: initial.name, color: null });
  });

  test('leave a name to the workspace that has it', async () => {
    const taken = (await service.call('GET', '/v1/settings', { secret: other.live.secret })).body.name;
    const before = (await call('GET', '/v1/settings')).body;
    const refused = await call('PATCH', '/v1/settings', { name: taken, token_prefix: 'zzz' });
    expect(refused).toMatchObject({ status: 409, body: { error: 'conflict', details: [{ path: 'name' }] } });
    expect((await call('GET', '/v1/settings')).body).toEqual(before);
  });

  test.each([
    { name: '' },
    { name: '   ' },
    { name: 'x'.repeat(129) },
    { name: null },
    { color: 'red' },
    { color: '#12345' },
    { color: '#12345g' },
    { color: '#2f5fd0;}' },
    { color: '"/><script>' },
  ])('refuse %j', async (json) => {
    expect((await call('PATCH', '/v1/settings', json)).status).toBe(422);
  });

  test('that stay the same leave no event; a change leaves one with old and new', async () => {
    const count = async () => (await call('GET', '/v1/audit-log?action=settings.updated')).body.data.length;
    const before = await count();
    await call('PATCH', '/v1/settings', { scope_catalogue_enforced: false });
    expect(await count()).toBe(before);
    await call('PATCH', '/v1/settings', { scope_catalogue_enforced: true });
    const { body } = await call('GET', '/v1/audit-log?action=settings.updated&limit=1');
    expect(body.data[0]).toMatchObject({ changes: [{ field: 'scope_catalogue_enforced', old: false, new: true }] });
  });
});
