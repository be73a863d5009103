import { beforeAll, describe, expect, test } from 'vitest';
import { bootstrapOnce } from '../../src/operator/bootstrap.ts';
import { expiryAt } from '../../src/operator/expiry.ts';
import { createKey, deleteKey, listKeys, regenerateKey } from '../../src/operator/keys.ts';
import { readSettings, writeSettings } from '../../src/operator/settings.ts';
import { listWorkspaces, startWorkspace } from '../../src/operator/workspaces.ts';
import { appendedEvents } from '../keys/events.ts';
import { createTestDatabase } from '../support/database.ts';
import { createSession } from './session.ts';

const session = createSession((await createTestDatabase()).app);
const lastEvent = async () => (await appendedEvents(session)).at(-1);

test('without a workspace a command says how to get one', async () => {
  const failure = { code: 'not_found', message: expect.stringContaining('tooken bootstrap') };
  await expect(listKeys(session, {})).rejects.toMatchObject(failure);
});

describe('with workspaces', () => {
  let keyId: string;
  beforeAll(async () => {
    keyId = (await bootstrapOnce(session)).api_key.id;
  });

  test('the only one needs no choice, of several one has to be chosen by name or id', async () => {
    expect(await listKeys(session, {})).toMatchObject([{ id: keyId, name: 'default' }]);
    const {
      workspace: { id },
    } = await startWorkspace(session, ' acme ');
    expect((await appendedEvents(session)).slice(-2)).toMatchObject([
      { action: 'workspace.created', actor: { type: 'system', id: null } },
      { action: 'member.invited', actor: { type: 'system', id: null } },
    ]);
    await expect(listKeys(session, {})).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(/--workspace.*"default", "acme"/),
    });
    for (const workspace of ['acme', id]) expect(await listKeys(session, { workspace })).toEqual([]);
    await expect(listKeys(session, { workspace: 'nobody' })).rejects.toMatchObject({ code: 'not_found' });
    expect(await listWorkspaces(session)).toMatchObject([
      { name: 'default' },
      { id, name: 'acme', token_prefix: 'tkn' },
    ]);
  });

  test.each([' acme ', '', 'a\0b', 'x'.repeat(129)])('%j is refused as the name of another', async (name) => {
    const before = await listWorkspaces(session);
    const code = name.trim() === 'acme' ? 'conflict' : 'validation_failed';
    await expect(startWorkspace(session, name)).rejects.toMatchObject({ code });
    expect(await listWorkspaces(session)).toEqual(before);
  });

  test('a key is reached through its own workspace only', async () => {
    const foreign = { workspace: 'acme', id: keyId };
    const failure = { code: 'not_found', message: `The workspace "acme" has no API key ${keyId}.` };
    await expect(regenerateKey(session, foreign)).rejects.toMatchObject(failure);
    await expect(deleteKey(session, { ...foreign, confirm: async () => {} })).rejects.toMatchObject(failure);
    expect(await listKeys(session, { workspace: 'default' })).toMatchObject([{ id: keyId, regenerated_at: null }]);
  });

  test('a deletion that is not confirmed does not happen', async () => {
    const confirm = () => Promise.reject(new Error('no'));
    await expect(deleteKey(session, { workspace: 'default', id: keyId, confirm })).rejects.toThrow('no');
    expect(await listKeys(session, { workspace: 'default' })).toHaveLength(1);
  });

  test.each<[{ expiresIn?: string; expiresAt?: string }, string | null]>([
    [{}, null],
    [{ expiresIn: '1d12h' }, '2026-03-02T12:00:00.000Z'],
    [{ expiresAt: '2026-03-01T02:00:00+01:00' }, '2026-03-01T01:00:00.000Z'],
  ])('an expiry of %j is %s', (expiry, expected) => {
    expect(expiryAt(expiry, new Date('2026-03-01T00:00:00Z'))?.toISOString() ?? null).toBe(expected);
  });

  test.each([
    { expiresIn: '90' },
    { expiresIn: 'soon' },
    { expiresAt: '2027-01-31' },
    { expiresAt: '2027-02-30T00:00:00Z' },
  ])('%j is no expiry', async (expiry) => {
    const creation = { workspace: 'acme', name: 'x', environment: 'live', ...expiry } as const;
    await expect(createKey(session, creation)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test('settings are shown and changed, with a warning where one is due', async () => {
    expect(await readSettings(session, 'acme')).toMatchObject({ token_prefix: 'tkn', warnings: [] });
    const changed = await writeSettings(session, 'acme', { tokenPrefix: 'sk', isScopeCatalogueEnforced: true });
    expect(changed).toMatchObject({
      token_prefix: 'sk',
      former_token_prefixes: ['tkn'],
      scope_catalogue_enforced: true,
      warnings: [expect.stringContaining('Stripe')],
    });
    expect(await lastEvent()).toMatchObject({ action: 'settings.updated', actor: { type: 'system' } });
    expect(await readSettings(session, 'acme')).toEqual(changed);
    const opened = { isAuditTreePublic: true, auditedIntrospections: 'all' } as const;
    expect(await writeSettings(session, 'acme', opened)).toEqual({
      ...changed,
      audit_tree_public: true,
      audited_introspections: 'all',
    });
    const former = { isAuditTreePublic: false, auditedIntrospections: 'counted' } as const;
    expect(await writeSettings(session, 'acme', former)).toEqual(changed);
    for (const wrong of [{ tokenPrefix: 'Sk' }, { tokenPrefix: 'x' }, { tokenPrefix: 'tok' }, { color: 'blue' }]) {
      await expect(writeSettings(session, 'acme', wrong)).rejects.toMatchObject({ code: 'validation_failed' });
    }
    await expect(writeSettings(session, 'acme', { name: 'default' })).rejects.toMatchObject({ code: 'conflict' });
    const look = { name: 'acme & sons', color: '#2f5fd0' };
    expect(await writeSettings(session, 'acme', look)).toEqual({ ...changed, ...look });
    expect(await writeSettings(session, look.name, { name: 'acme', color: null })).toEqual(changed);
    expect(await readSettings(session, 'default')).toMatchObject({ token_prefix: 'tkn' });
  });
});
