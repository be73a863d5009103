import { describe, expect, test } from 'vitest';
import { getToken } from '../../src/tokens/list.ts';
import { revokeToken } from '../../src/tokens/revoke.ts';
import type { RotateInput } from '../../src/tokens/rotate.ts';
import { createTestDatabase } from '../support/database.ts';
import { callerOf, createWorld, finishRotation, keyOf, rotateToken, scopes } from './world.ts';

const world = await createWorld(await createTestDatabase());
const { deps, issue } = world;
const key = keyOf(await world.addWorkspace('acme'));
const inSeconds = (seconds: number) => new Date(world.time.now.getTime() + seconds * 1000);
const rotate = (id: Parameters<typeof rotateToken>[2], input: Partial<RotateInput> = {}, caller = key) =>
  rotateToken(deps, caller, id, { graceSeconds: 0, ...input });

describe('rotating', () => {
  test('replaces the secret at once unless a grace is asked for', async () => {
    const { token, secret } = await issue(key);
    const rotation = await rotate(token.id);
    expect(rotation.secret).not.toBe(secret);
    expect(rotation.previousValidUntil).toEqual(world.time.now);
    expect(await world.secretsOf(token.id)).toMatchObject([
      { digest: world.digestOf(rotation.secret), valid_until: null },
    ]);
    expect(rotation.token).toMatchObject({
      id: token.id,
      rotatedAt: world.time.now,
      previousSecretValidUntil: null,
      revision: 2,
    });
    expect(await getToken(deps, key, token.id)).toEqual(rotation.token);
  });

  test('with a grace keeps the previous secret until then, and shows it', async () => {
    const { token, secret } = await issue(key);
    const rotation = await rotate(token.id, { graceSeconds: 3600 });
    expect(rotation.previousValidUntil).toEqual(inSeconds(3600));
    expect((await getToken(deps, key, token.id)).previousSecretValidUntil).toEqual(inSeconds(3600));
    const secrets = await world.secretsOf(token.id);
    expect(secrets.map(({ digest }) => digest)).toEqual([world.digestOf(rotation.secret), world.digestOf(secret)]);
  });

  test('during an overlap ends the oldest: there are never more than two secrets', async () => {
    const { token } = await issue(key);
    const first = await rotate(token.id, { graceSeconds: 3600 });
    const second = await rotate(token.id, { graceSeconds: 60 });
    const secrets = await world.secretsOf(token.id);
    expect(secrets.map(({ digest }) => digest)).toEqual([world.digestOf(second.secret), world.digestOf(first.secret)]);
    expect(second.token.previousSecretValidUntil).toEqual(inSeconds(60));
  });

  test.each([
    ['the expiry it has', 10, undefined, 10],
    ['an earlier new expiry', 10, 5, 5],
    ['the old expiry, though the new one is later', 10, 100, 10],
    ['no further than asked', 1000, 2000, 50],
  ])('lets the previous secret live no longer than %s', async (_, expiry, newExpiry, end) => {
    const { token } = await issue(key, { expiresInSeconds: expiry });
    const input = newExpiry === undefined ? {} : { expiresInSeconds: newExpiry };
    const rotation = await rotate(token.id, { graceSeconds: 50, ...input });
    expect(rotation.previousValidUntil).toEqual(inSeconds(end));
    expect(rotation.token.expiresAt).toEqual(inSeconds(newExpiry ?? expiry));
  });

  test('uses the prefix that the workspace has now', async () => {
    const other = keyOf(await world.addWorkspace('renamed'));
    const { token } = await issue(other);
    await world.sql`update workspaces set token_prefix = 'gko' where name = 'renamed'`;
    const rotation = await rotate(token.id, {}, other);
    expect(rotation.secret).toMatch(/^gko_live_/);
    expect(rotation.token.hint).toMatch(/^gko_live_.{4}…/);
  });

  test('tells the log when the previous secret ends, and no secret', async () => {
    const { token } = await issue(key);
    const { secret } = await rotate(token.id, { graceSeconds: 60, expiresInSeconds: 600 });
    const [, event] = await world.eventsOf(token.id);
    expect(event).toMatchObject({ action: 'token.rotated' });
    expect(event?.changes).toEqual([
      { field: 'expires_at', old: null, new: inSeconds(600).toISOString() },
      { field: 'previous_secret_valid_until', old: null, new: inSeconds(60).toISOString() },
    ]);
    expect(JSON.stringify(event)).not.toContain(secret.slice(9, 30));
  });

  test('is refused for finished tokens', async () => {
    const { token } = await issue(key, { expiresInSeconds: 5 });
    const { token: revoked } = await issue(key);
    await revokeToken(deps, key, revoked.id, { reason: null, withIssued: false });
    world.pass(5);
    await expect(rotate(token.id, { expiresInSeconds: 60 })).rejects.toMatchObject({ code: 'conflict' });
    await expect(rotate(revoked.id)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('many at once are full rotations one after the other, with one current secret in the end', async () => {
    const { token } = await issue(key);
    const rotations = await Promise.all(Array.from({ length: 12 }, () => rotate(token.id, { graceSeconds: 60 })));
    const inOrder = rotations.toSorted((a, b) => a.token.revision - b.token.revision);
    expect(inOrder.map(({ token: { revision } }) => revision)).toEqual(Array.from({ length: 12 }, (_, n) => n + 2));
    const secrets = await world.secretsOf(token.id);
    const lastTwo = inOrder.slice(-2).reverse();
    expect(secrets.map(({ digest }) => digest)).toEqual(lastTwo.map(({ secret }) => world.digestOf(secret)));
    expect(secrets.map(({ valid_until }) => valid_until === null)).toEqual([true, false]);
    expect((await getToken(deps, key, token.id)).hint).toBe(inOrder.at(-1)?.token.hint);
  });
});

describe('finishing a rotation', () => {
  test('ends the overlap, once', async () => {
    const { token } = await issue(key);
    const { secret } = await rotate(token.id, { graceSeconds: 60 });
    const finished = await finishRotation(deps, key, token.id);
    expect(finished).toMatchObject({ previousSecretValidUntil: null, revision: 3 });
    expect(await finishRotation(deps, key, token.id)).toEqual(finished);
    expect((await world.secretsOf(token.id)).map(({ digest }) => digest)).toEqual([world.digestOf(secret)]);
    const actions = (await world.eventsOf(token.id)).map(({ action }) => action);
    expect(actions).toEqual(['token.created', 'token.rotated', 'token.rotation_finished']);
  });

  test('changes nothing when the overlap has ended by itself', async () => {
    const { token } = await issue(key);
    const rotation = await rotate(token.id, { graceSeconds: 60 });
    world.pass(60);
    expect((await finishRotation(deps, key, token.id)).revision).toBe(rotation.token.revision);
  });
});

describe('a token that rotates', () => {
  test('itself keeps its expiry', async () => {
    const { token } = await issue(key, { scopes: scopes('tokens:write'), expiresInSeconds: 600 });
    const caller = callerOf(token);
    for (const input of [{ expiresInSeconds: 599 }, { expiresInSeconds: 601 }, { expiresAt: null }]) {
      await expect(rotateToken(deps, caller, token.id, { graceSeconds: 0, ...input })).rejects.toMatchObject({
        code: 'forbidden',
      });
    }
    const rotation = await rotateToken(deps, caller, token.id, { graceSeconds: 0, expiresInSeconds: 600 });
    expect(rotation.token.expiresAt).toEqual(token.expiresAt);
  });

  test('another gives it no more life than its own', async () => {
    const { token: holder } = await issue(key, { scopes: scopes('tokens:write', 'a:read'), expiresInSeconds: 600 });
    const { token } = await issue(key, { scopes: scopes('a:read'), expiresInSeconds: 60 });
    const caller = callerOf(holder);
    const longer = { graceSeconds: 0, expiresInSeconds: 601 };
    await expect(rotateToken(deps, caller, token.id, longer)).rejects.toMatchObject({ code: 'forbidden' });
    await rotateToken(deps, caller, token.id, { graceSeconds: 0, expiresInSeconds: 600 });
  });
});
