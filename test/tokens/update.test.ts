import { describe, expect, test } from 'vitest';
import { getToken } from '../../src/tokens/list.ts';
import { revokeToken } from '../../src/tokens/revoke.ts';
import { createTestDatabase } from '../support/database.ts';
import { callerOf, createWorld, keyOf, scopes, updateToken } from './world.ts';

const world = await createWorld(await createTestDatabase());
const { deps, issue } = world;
const workspace = await world.addWorkspace('acme');
const key = keyOf(workspace);
const inDays = (days: number) => new Date(world.time.now.getTime() + days * 86_400_000);

describe('updating', () => {
  test('changes what is given, leaves the rest, counts the revision and logs old and new', async () => {
    const { token } = await issue(key, { description: 'old', metadata: { a: 1 }, expiresAt: inDays(9) });
    const updated = await updateToken(deps, key, token.id, { scopes: scopes('b:write', 'a:read'), description: null });
    expect(updated).toEqual({ ...token, scopes: ['a:read', 'b:write'], description: null, revision: 2 });
    expect(await getToken(deps, key, token.id)).toEqual(updated);
    const [, event] = await world.eventsOf(token.id);
    expect(event).toMatchObject({ action: 'token.updated', actor: { id: key.principal.id } });
    expect(event?.changes).toEqual([
      { field: 'description', is_personal: true },
      { field: 'scopes', old: ['invoices:read'], new: ['a:read', 'b:write'] },
    ]);
  });

  test.each([
    ['nothing', {}],
    ['the same', { name: 'a token', scopes: scopes('invoices:read'), metadata: { b: [{ y: 1, x: 2 }], a: 1 } }],
  ])('with %s changes nothing and leaves no event', async (_, input) => {
    const { token } = await issue(key, { metadata: { a: 1, b: [{ x: 2, y: 1 }] } });
    expect(await updateToken(deps, key, token.id, input)).toEqual(token);
    expect(await world.eventsOf(token.id)).toHaveLength(1);
  });

  test('brings an expiry forward, never back', async () => {
    const { token } = await issue(key);
    await updateToken(deps, key, token.id, { expiresAt: inDays(5) });
    await updateToken(deps, key, token.id, { expiresAt: inDays(4) });
    for (const expiresAt of [inDays(5), null, inDays(0), inDays(-1)]) {
      await expect(updateToken(deps, key, token.id, { expiresAt })).rejects.toMatchObject({
        code: 'validation_failed',
        details: [{ path: 'expires_at' }],
      });
    }
    expect((await getToken(deps, key, token.id)).expiresAt).toEqual(inDays(4));
  });

  test('of a finished token changes its notes only', async () => {
    const { token } = await issue(key);
    await revokeToken(deps, key, token.id, { reason: null, withIssued: false });
    for (const input of [{ scopes: scopes('a:read') }, { allowedCidrs: ['10.0.0.0/8'] }, { expiresAt: inDays(1) }]) {
      await expect(updateToken(deps, key, token.id, input)).rejects.toMatchObject({ code: 'conflict' });
    }
    const noted = await updateToken(deps, key, token.id, { name: 'leaked', description: 'see #7', metadata: { n: 7 } });
    expect(noted).toMatchObject({ name: 'leaked', description: 'see #7', metadata: { n: 7 } });
  });

  test('happens only to the state that was expected', async () => {
    const { token } = await issue(key);
    await expect(updateToken(deps, key, token.id, { name: 'x' }, [2, 3])).rejects.toMatchObject({
      code: 'precondition_failed',
    });
    expect((await updateToken(deps, key, token.id, { name: 'x' }, [1])).revision).toBe(2);
  });

  test('of one state by many at once succeeds once', async () => {
    const { token } = await issue(key);
    const updates = Array.from({ length: 20 }, (_, n) => updateToken(deps, key, token.id, { name: `name ${n}` }, [1]));
    const results = await Promise.allSettled(updates);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await getToken(deps, key, token.id)).revision).toBe(2);
    expect(await world.eventsOf(token.id)).toHaveLength(2);
  });

  test('by many at once loses none: each builds on the one before', async () => {
    const { token } = await issue(key);
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        n % 2 === 0
          ? updateToken(deps, key, token.id, { name: `name ${n}` })
          : updateToken(deps, key, token.id, { description: `description ${n}` }),
      ),
    );
    expect(await getToken(deps, key, token.id)).toMatchObject({ revision: 21, name: /^name/, description: /^desc/ });
  });
});

describe('what a caller cannot see', () => {
  test('does not exist for it, whatever it tries', async () => {
    const { token } = await issue(key);
    const other = keyOf(await world.addWorkspace('other'));
    const { token: foreign } = await issue(other, { scopes: scopes('tokens:write', 'invoices:write') });
    for (const stranger of [other, keyOf(workspace, 'test'), callerOf(foreign)]) {
      await expect(getToken(deps, stranger, token.id)).rejects.toMatchObject({ code: 'not_found' });
      await expect(updateToken(deps, stranger, token.id, { name: 'x' }, [7])).rejects.toMatchObject({
        code: 'not_found',
      });
    }
  });
});

describe('a token that updates tokens', () => {
  const limits = { audience: 'api', allowedCidrs: ['10.0.0.0/8'] };

  test('has to be wide enough for what they are, and for what they become', async () => {
    const { token: holder } = await issue(key, { ...limits, scopes: scopes('tokens:write', 'a:write') });
    const caller = callerOf(holder);
    const { token: within } = await issue(key, { ...limits, scopes: scopes('a:read') });
    const { token: beyond } = await issue(key, { ...limits, scopes: scopes('a:read', 'b:read') });
    await updateToken(deps, caller, within.id, { scopes: scopes('a:write'), allowedCidrs: ['10.1.0.0/16'] });
    await expect(updateToken(deps, caller, beyond.id, { scopes: scopes('a:read') })).rejects.toMatchObject({
      scope: 'b:read',
    });
    await expect(updateToken(deps, caller, within.id, { scopes: scopes('b:read') })).rejects.toMatchObject({
      scope: 'b:read',
    });
    await expect(updateToken(deps, caller, within.id, { allowedCidrs: null })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });

  test('can narrow itself and never widen itself', async () => {
    const { token } = await issue(key, { ...limits, scopes: scopes('tokens:write', 'a:write'), expiresAt: inDays(9) });
    const caller = callerOf(token);
    await expect(updateToken(deps, caller, token.id, { scopes: scopes('c:read') })).rejects.toMatchObject({
      scope: 'c:read',
    });
    await expect(updateToken(deps, caller, token.id, { allowedCidrs: ['10.0.0.0/7'] })).rejects.toMatchObject({
      code: 'forbidden',
    });
    const narrowed = await updateToken(deps, caller, token.id, {
      scopes: scopes('tokens:write'),
      expiresAt: inDays(1),
    });
    // The caller still presents what it was let in with.
    await expect(updateToken(deps, caller, token.id, { scopes: scopes('a:read') })).rejects.toMatchObject({
      scope: 'a:read',
    });
    expect(await getToken(deps, key, token.id)).toEqual(narrowed);
  });

  test('two that update each other at once both get through', async () => {
    const reach = { scopes: scopes('tokens:write') };
    const [{ token: one }, { token: two }] = [await issue(key, reach), await issue(key, reach)];
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => [
        updateToken(deps, callerOf(one), two.id, { name: `by one ${n}` }),
        updateToken(deps, callerOf(two), one.id, { name: `by two ${n}` }),
      ]).flat(),
    );
    expect((await getToken(deps, key, one.id)).revision).toBe(21);
    expect((await getToken(deps, key, two.id)).revision).toBe(21);
  });
});
