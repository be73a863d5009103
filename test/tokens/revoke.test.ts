import { describe, expect, test } from 'vitest';
import { idToUuid, type TokenId } from '../../src/lib/ids.ts';
import { issueToken } from '../../src/tokens/issue.ts';
import { getToken } from '../../src/tokens/list.ts';
import { removeToken } from '../../src/tokens/remove.ts';
import { revokeToken } from '../../src/tokens/revoke.ts';
import { statusOf } from '../../src/tokens/token.ts';
import { createTestDatabase } from '../support/database.ts';
import { callerOf, createWorld, keyOf, scopes, terms, updateToken } from './world.ts';

const world = await createWorld(await createTestDatabase());
const { deps, issue } = world;
const key = keyOf(await world.addWorkspace('acme'));
const alone = { reason: null, withIssued: false };
const withIssued = { reason: 'leaked by Ada', withIssued: true };
const manager = { scopes: scopes('tokens:write', 'a:read') };
const status = async (id: TokenId) => statusOf(await getToken(deps, key, id), world.time.now);

describe('revoking', () => {
  test('keeps when, by whom and why of the first time', async () => {
    const { token } = await issue(key);
    const revokedAt = world.time.now;
    const first = await revokeToken(deps, key, token.id, { reason: 'leaked', withIssued: false });
    world.pass(10);
    const second = await revokeToken(deps, keyOf(token.workspaceId), token.id, { reason: 'again', withIssued: false });
    expect(second.token).toEqual(first.token);
    expect(await getToken(deps, key, token.id)).toMatchObject({
      revokedAt,
      revokedBy: key.principal.id,
      revokeReason: 'leaked',
      revision: 2,
    });
    expect((await world.eventsOf(token.id)).map(({ action }) => action)).toEqual(['token.created', 'token.revoked']);
  });

  test('by many at once happens once', async () => {
    const { token } = await issue(key);
    const revokers = Array.from({ length: 12 }, () => keyOf(token.workspaceId));
    const results = await Promise.all(revokers.map((revoker) => revokeToken(deps, revoker, token.id, alone)));
    expect(new Set(results.map((result) => result.token.revokedBy)).size).toBe(1);
    expect(await world.eventsOf(token.id)).toHaveLength(2);
  });

  test('works on an expired token too', async () => {
    const { token } = await issue(key, { expiresInSeconds: 1 });
    world.pass(2);
    await revokeToken(deps, key, token.id, alone);
    expect(await status(token.id)).toBe('revoked');
  });

  test('keeps the reason out of the leaf', async () => {
    const { token } = await issue(key);
    await revokeToken(deps, key, token.id, { reason: 'leaked by Ada', withIssued: false });
    expect(JSON.stringify(await world.eventsOf(token.id))).not.toContain('Ada');
  });
});

describe('revoking with what it issued', () => {
  test('reaches all descendants, past revoked and removed ones, with an event each', async () => {
    const { token: root } = await issue(key, manager);
    const { token: child } = await issue(callerOf(root), manager);
    const { token: middle } = await issue(callerOf(root), manager);
    const { token: ofMiddle } = await issue(callerOf(middle), manager);
    const { token: removed } = await issue(callerOf(child), manager);
    const { token: leaf } = await issue(callerOf(removed), { scopes: scopes('a:read') });
    const { token: bystander } = await issue(key, manager);
    await revokeToken(deps, key, middle.id, { reason: 'earlier', withIssued: false });
    await revokeToken(deps, key, removed.id, alone);
    await removeToken(deps, key, removed.id);

    expect((await revokeToken(deps, key, root.id, withIssued)).alsoRevoked).toBe(3);
    for (const { id } of [root, child, ofMiddle, leaf]) {
      expect(await getToken(deps, key, id)).toMatchObject({
        revokedBy: key.principal.id,
        revokeReason: 'leaked by Ada',
      });
      expect((await world.eventsOf(id)).filter(({ action }) => action === 'token.revoked')).toHaveLength(1);
    }
    expect(await getToken(deps, key, middle.id)).toMatchObject({ revokeReason: 'earlier' });
    expect(await status(bystander.id)).toBe('active');
    expect((await revokeToken(deps, key, root.id, withIssued)).alsoRevoked).toBe(0);
  });

  test('can follow a revocation that did not', async () => {
    const { token: root } = await issue(key, manager);
    const { token: child } = await issue(callerOf(root), manager);
    await revokeToken(deps, key, root.id, alone);
    expect(await status(child.id)).toBe('active');
    expect((await revokeToken(deps, key, root.id, withIssued)).alsoRevoked).toBe(1);
    expect(await status(child.id)).toBe('revoked');
  });

  test('misses nothing that is being issued meanwhile', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { token: root } = await issue(key, manager);
      const { token: child } = await issue(callerOf(root), manager);
      const issuing = [root, child].flatMap((parent) =>
        Array.from({ length: 4 }, async () => {
          const { token } = await issue(callerOf(parent), manager);
          return (await issue(callerOf(token), manager)).token;
        }),
      );
      const [, ...results] = await Promise.allSettled([revokeToken(deps, key, root.id, withIssued), ...issuing]);
      for (const result of results) {
        if (result.status === 'fulfilled') expect(await status(result.value.id)).toBe('revoked');
        else expect(result.reason).toMatchObject({ code: 'unauthorized' });
      }
      const [row] = await world.sql<{ count: number }[]>`
        select count(*)::int from tokens
        where issued_through @> array[${idToUuid(root.id)}]::uuid[] and revoked_at is null`;
      expect(row?.count).toBe(0);
    }
  });

  test('waits for what is just being issued', async () => {
    const { token: root } = await issue(key, manager);
    let revoking: ReturnType<typeof revokeToken> | undefined;
    const { token } = await issueToken(deps, callerOf(root), terms(manager), {
      claim: async () => {},
      // Runs in the open transaction, which has inserted the token already.
      remember: async () => {
        revoking = revokeToken(deps, key, root.id, withIssued);
        await Promise.race([revoking, world.untilSomeoneWaits()]);
      },
    });
    expect((await revoking)?.alsoRevoked).toBe(1);
    expect(await status(token.id)).toBe('revoked');
  });

  test('revokes thousands', async () => {
    const { token: root } = await issue(key, manager);
    const { token: sample } = await issue(callerOf(root), manager);
    await world.sql`
      insert into tokens (id, workspace_id, environment, name, hint, scopes, metadata, created_at, created_by, issued_through)
      select gen_random_uuid(), workspace_id, environment, name, hint, scopes, metadata, created_at, created_by, issued_through
      from tokens, generate_series(1, 2500) where name = ${sample.name} and created_by = ${root.id}`;
    expect((await revokeToken(deps, key, root.id, withIssued)).alsoRevoked).toBe(2501);
    const [row] = await world.sql<{ events: number }[]>`
      select count(*)::int as events from audit_events
      where convert_from(leaf, 'UTF8')::jsonb->>'action' = 'token.revoked' and log_id = (select workspace_id from tokens limit 1)`;
    expect(row?.events).toBeGreaterThan(2500);
  });

  test('by a token is refused whole when a descendant reaches beyond it', async () => {
    const { token: holder } = await issue(key, manager);
    const { token: root } = await issue(key, manager);
    const { token: child } = await issue(callerOf(root), manager);
    await updateToken(deps, key, child.id, { scopes: scopes('b:read') });
    await expect(revokeToken(deps, callerOf(holder), root.id, withIssued)).rejects.toMatchObject({ scope: 'b:read' });
    expect(await status(root.id)).toBe('active');
    expect(await world.eventsOf(root.id)).toHaveLength(1);
  });

  test('by a child takes the child along', async () => {
    const { token: root } = await issue(key, manager);
    const { token: child } = await issue(callerOf(root), manager);
    expect((await revokeToken(deps, callerOf(child), root.id, withIssued)).alsoRevoked).toBe(1);
    expect(await status(child.id)).toBe('revoked');
  });
});

describe('removing', () => {
  test('takes a finished token and its secrets away; the events stay', async () => {
    const { token } = await issue(key);
    const { token: expiring } = await issue(key, { expiresInSeconds: 1 });
    await revokeToken(deps, key, token.id, alone);
    world.pass(1);
    for (const { id } of [token, expiring]) {
      await removeToken(deps, key, id);
      expect(await world.secretsOf(id)).toEqual([]);
      await expect(getToken(deps, key, id)).rejects.toMatchObject({ code: 'not_found' });
      await expect(removeToken(deps, key, id)).rejects.toMatchObject({ code: 'not_found' });
      expect((await world.eventsOf(id)).at(-1)).toMatchObject({ action: 'token.deleted' });
    }
  });

  test('is refused while a token can still be used, now or later', async () => {
    const { token } = await issue(key);
    const { token: later } = await issue(key, { notBefore: new Date(world.time.now.getTime() + 1000) });
    await expect(removeToken(deps, key, token.id)).rejects.toMatchObject({ code: 'conflict' });
    await expect(removeToken(deps, key, later.id)).rejects.toMatchObject({ code: 'conflict' });
  });
});
