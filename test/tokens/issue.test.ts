import { describe, expect, test } from 'vitest';
import { parseCredential } from '../../src/credentials/format.ts';
import { inTransaction } from '../../src/db/connection.ts';
import type { ServiceError } from '../../src/lib/errors.ts';
import { idToUuid, newId, parseId } from '../../src/lib/ids.ts';
import { createTokenIssuer } from '../../src/tokens/issuer.ts';
import { getToken } from '../../src/tokens/list.ts';
import { revokeToken } from '../../src/tokens/revoke.ts';
import { selectNeighbours } from '../../src/tokens/store/issuing-rules.ts';
import { createTestDatabase } from '../support/database.ts';
import { callerOf, createWorld, keyOf, scopes, terms, updateToken } from './world.ts';

const world = await createWorld(await createTestDatabase());
const { deps, sql, issue } = world;
const workspace = await world.addWorkspace('acme');
const key = keyOf(workspace);
const future = (days: number) => new Date(world.time.now.getTime() + days * 86_400_000);

describe('issuing', () => {
  test('gives a secret of the workspace and environment, of which only a digest and a hint stay', async () => {
    const { token, secret } = await issue(keyOf(workspace, 'test'), { metadata: { team: 'billing' } });
    expect(parseCredential(secret)).toMatch(/^tkn_test_/);
    expect((await world.secretsOf(token.id)).map(({ digest }) => digest)).toEqual([world.digestOf(secret)]);
    const [dump] = await sql<{ text: string }[]>`
      select string_agg(t::text, '') || (select string_agg(convert_from(leaf, 'UTF8'), '') from audit_events)
        || (select string_agg(convert_from(payload, 'UTF8'), '') from audit_private) as text from tokens t`;
    expect(dump?.text).toContain(token.hint);
    expect(dump?.text).not.toContain(secret.slice(-20, -4));
  });

  test('answers what is stored', async () => {
    const { token } = await issue(key, {
      description: 'ünïcödé “quotes” \\ %_',
      scopes: scopes('b:write', 'a:read', 'b:write'),
      audience: 'https://api.example.com',
      metadata: { nested: { list: [1, null, 'x'] }, '': 0 },
      allowedCidrs: ['10.0.0.0/8', '2001:db8::/32'],
      notBefore: future(1),
      expiresAt: future(2),
    });
    expect(token.scopes).toEqual(['a:read', 'b:write']);
    expect(await getToken(deps, key, token.id)).toEqual(token);
  });

  test('leaves one event with the terms, and nothing personal in its leaf', async () => {
    const { token } = await issue(key, {
      name: 'Ada’s token',
      description: 'for Ada',
      metadata: { who: 'Ada' },
      expiresInSeconds: 60,
    });
    const events = await world.eventsOf(token.id);
    expect(events).toMatchObject([{ action: 'token.created', actor: { type: 'api_key', id: key.principal.id } }]);
    expect(events[0]?.changes).toEqual([
      { field: 'scopes', old: null, new: ['invoices:read'] },
      { field: 'expires_at', old: null, new: token.expiresAt?.toISOString() },
    ]);
    expect(JSON.stringify(events)).not.toContain('Ada');
  });

  test.each([
    ['an expiry that has come', { expiresAt: future(0) }, 'expires_at'],
    ['an expiry before the start', { notBefore: future(2), expiresAt: future(1) }, 'not_before'],
    ['an expiry at the start', { notBefore: future(2), expiresAt: future(2) }, 'not_before'],
    ['two expiries', { expiresAt: future(1), expiresInSeconds: 5 }, 'expires_in'],
  ])('refuses %s', async (_, input, path) => {
    await expect(issue(key, input)).rejects.toMatchObject({ code: 'validation_failed', details: [{ path }] });
  });
});

describe('an enforced catalogue', async () => {
  const enforced = await world.addWorkspace('enforced');
  const caller = keyOf(enforced);
  await sql`update workspaces set is_scope_catalogue_enforced = true where id = ${idToUuid(enforced)}`;
  await sql`insert into scopes (workspace_id, name, created_at, updated_at)
    select ${idToUuid(enforced)}, name, now(), now() from unnest(array['invoices:write', 'reports:read']) name`;

  test.each(['invoices:write', 'invoices:read', 'reports:read', 'tokens:introspect'])('knows %s', async (scope) => {
    expect((await issue(caller, { scopes: scopes(scope) })).token.scopes).toEqual([scope]);
  });

  test.each([
    ['reports:write', 'reports:read'],
    ['invoice:read', 'invoices:read'],
    ['token:write', 'tokens:write'],
  ])('refuses %s and names %s', async (scope, nearest) => {
    await expect(issue(caller, { scopes: scopes('invoices:read', scope) })).rejects.toMatchObject({
      code: 'unknown_scope',
      details: [{ path: 'scopes', message: `${scope} is not in the catalogue; the nearest is ${nearest}` }],
    });
  });

  test('is looked at around the unknown name only, however large it is', async () => {
    const large = await world.addWorkspace('large');
    await sql`insert into scopes (workspace_id, name, created_at, updated_at)
      select ${idToUuid(large)}, 'r' || lpad(n::text, 4, '0') || ':write', now(), now() from generate_series(1, 1000) n`;
    const found = await inTransaction(deps.db, (tx) => selectNeighbours(tx, large, ['r0500:writ', 'zzz:read'], 5));
    const range = (first: number, last: number) =>
      Array.from({ length: last - first + 1 }, (_, n) => `r${String(first + n).padStart(4, '0')}:write`);
    expect(found.get('r0500:writ')?.toSorted()).toEqual(range(495, 504));
    expect(found.get('zzz:read')?.toSorted()).toEqual(range(996, 1000));
  });

  test('suggests for a few scopes, however many are unknown', async () => {
    const unknown = Array.from({ length: 100 }, (_, n) => `unknown${n}:read`);
    const error: unknown = await issue(caller, { scopes: scopes(...unknown) }).catch((thrown: unknown) => thrown);
    const messages = (error as ServiceError).details?.map(({ message }) => message) ?? [];
    expect(messages).toHaveLength(100);
    expect(messages.filter((message) => message.includes('the nearest is'))).toHaveLength(3);
  });

  test('lets tokens keep what they have, and guards what is added', async () => {
    const { token } = await issue(caller, { scopes: scopes('reports:read') });
    await sql`delete from scopes where name = 'reports:read'`;
    const kept = await updateToken(deps, caller, token.id, { scopes: scopes('reports:read', 'invoices:read') });
    expect(kept.scopes).toEqual(['invoices:read', 'reports:read']);
    await expect(updateToken(deps, caller, token.id, { scopes: scopes('reports:void') })).rejects.toMatchObject({
      code: 'unknown_scope',
    });
  });
});

describe('issuing by a token', () => {
  test('stays within its own reach', async () => {
    const { token: holder } = await issue(key, { scopes: scopes('tokens:write', 'a:write'), expiresAt: future(3) });
    const { token: child } = await issue(callerOf(holder), { scopes: scopes('a:read'), expiresAt: future(3) });
    expect(child).toMatchObject({ createdBy: holder.id, issuedThrough: [holder.id] });
    await expect(issue(callerOf(holder), { scopes: scopes('b:read'), expiresAt: future(1) })).rejects.toMatchObject({
      code: 'insufficient_scope',
      scope: 'b:read',
    });
    await expect(issue(callerOf(holder), { scopes: scopes('a:read') })).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('goes by what the token may do now, not when it was let in', async () => {
    const { token: holder } = await issue(key, { scopes: scopes('tokens:write', 'a:write') });
    const caller = callerOf(holder);
    await updateToken(deps, key, holder.id, { scopes: scopes('tokens:write') });
    await expect(issue(caller, { scopes: scopes('a:read') })).rejects.toMatchObject({ scope: 'a:read' });
    await updateToken(deps, key, holder.id, { scopes: scopes('tokens:read') });
    await expect(issue(caller, { scopes: scopes('tokens:read') })).rejects.toMatchObject({ scope: 'tokens:write' });
    await revokeToken(deps, key, holder.id, { reason: null, withIssued: false });
    await expect(issue(caller, { scopes: scopes('tokens:read') })).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('goes 32 deep and no deeper', async () => {
    let caller = callerOf((await issue(key, { scopes: scopes('tokens:write') })).token);
    for (let depth = 1; depth <= 32; depth += 1) {
      caller = callerOf((await issue(caller, { scopes: scopes('tokens:write') })).token);
    }
    await expect(issue(caller, { scopes: scopes('tokens:write') })).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('issuing together', () => {
  const issuer = createTokenIssuer(deps);

  test('is issuing: every order gets its own token, secret and event', async () => {
    const orders = Array.from({ length: 200 }, (_, n) => issuer(key, terms({ name: `order ${n}` })));
    const issued = await Promise.all(orders);
    expect(new Set(issued.map(({ secret }) => secret)).size).toBe(200);
    for (const [n, { token, secret }] of issued.entries()) {
      expect(token.name).toBe(`order ${n}`);
      expect((await world.secretsOf(token.id)).map(({ digest }) => digest)).toEqual([world.digestOf(secret)]);
      expect((await world.eventsOf(token.id)).map(({ action }) => action)).toEqual(['token.created']);
    }
    const [row] = await sql<{ transactions: number }[]>`
      select count(distinct xmin::text)::int as transactions from tokens where name like 'order %'`;
    expect(row?.transactions).toBeLessThan(20);
  });

  test('fails the order at fault and no other', async () => {
    const nobody = keyOf(newId('ws', deps));
    const enforced = await world.addWorkspace('strict');
    await sql`update workspaces set is_scope_catalogue_enforced = true where id = ${idToUuid(enforced)}`;
    const results = await Promise.allSettled([
      issuer(key, terms({ name: 'good 1' })),
      issuer(nobody, terms()),
      issuer(keyOf(enforced), terms()),
      // The log refuses ids longer than its index rows.
      issuer({ ...key, request: { ...key.request, id: 'x'.repeat(300) } }, terms()),
      // Something only the database refuses.
      issuer(key, terms({ name: 'a\0b' })),
      issuer(key, terms({ name: 'good 2' })),
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    const rows = await sql<{ name: string }[]>`select name from tokens where name like 'good _' order by name`;
    expect(rows.map(({ name }) => name)).toEqual(['good 1', 'good 2']);
  });
});

test('ids sort by the time of issue', async () => {
  const { token: first } = await issue(key);
  world.pass(1);
  const { token: second } = await issue(key);
  expect(parseId('tkn', first.id)).toBeDefined();
  expect(first.id < second.id).toBe(true);
});
