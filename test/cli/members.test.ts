import { beforeAll, describe, expect, test } from 'vitest';
import { idToUuid } from '../../src/lib/ids.ts';
import { createDeps } from '../keys/deps.ts';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { createTestService, MASTER_KEY } from '../support/service.ts';
import { type Ending, tooken } from './command-line.ts';

const database = await createTestDatabase();
const { db } = createDeps(database.app);
const env = {
  DATABASE_URL: databaseUrl(database.app),
  TOOKEN_MASTER_KEY: MASTER_KEY.toString('base64'),
  TOOKEN_PUBLIC_URL: 'https://id.example.com',
};
const run = (...args: string[]) => tooken({ env }, ...args);
const PASSWORD = 'four quiet lakes at dawn';
const LINK = /https:\/\/id\.example\.com\/link#(tokl_[0-9A-Za-z]{43})/;

function documentOf({ code, stdout, stderr }: Ending) {
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  return JSON.parse(stdout);
}

const tokenIn = (text: string) => LINK.exec(text)?.[1] ?? '';
/** The newest events, also those that have their place in the log already. */
async function lastEvents(count = 1): Promise<readonly { readonly action: string }[]> {
  const rows = await db.$client<{ leaf: { action: string } }[]>`
    select convert_from(leaf, 'UTF8')::jsonb as leaf from audit_events
    where convert_from(leaf, 'UTF8')::jsonb -> 'request' ->> 'method' = 'CLI' order by id desc limit ${count}`;
  return rows.map(({ leaf }) => leaf);
}

const lastEvent = async () => (await lastEvents())[0];

describe('members, on the command line', { timeout: 120_000 }, () => {
  let bootstrapped: Ending;
  let service: Awaited<ReturnType<typeof createTestService>>;

  beforeAll(async () => {
    bootstrapped = await run('bootstrap');
    service = await createTestService(database);
  }, 120_000);

  const accept = (token: string, more: object = {}) =>
    service.call('POST', '/v1/members/invitations/accept', { json: { token, password: PASSWORD, ...more } });
  const reset = (token: string, password: string) =>
    service.call('POST', '/v1/auth/password/reset', { json: { token, password } });
  const login = (email: string, password: string) =>
    service.call('POST', '/v1/auth/login', { json: { email, password, workspace: 'default' } });

  test('bootstrap gives the first owner a link beside the key, which has stdout to itself', async () => {
    const { code, stdout, stderr } = bootstrapped;
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^tok_live_\w{49}\n$/) });
    const token = tokenIn(stderr);
    expect((await accept(token)).body.details).toMatchObject([{ path: 'email' }]);
    expect((await accept(token, { email: 'owner@example.com', name: 'Olga' })).status).toBe(200);
    expect((await login('owner@example.com', PASSWORD)).status).toBe(200);
    expect((await accept(token, { email: 'other@example.com' })).status).toBe(401);
  });

  test('a workspace is made with a link for its first owner, in the document if one is asked for', async () => {
    const plain = await run('workspaces', 'create', 'acme');
    expect(plain.stdout).toMatch(/^ws_\w{26}\n$/);
    expect(tokenIn(plain.stderr)).not.toBe('');
    const ending = await run('workspaces', 'create', 'umbrella', '--json');
    const { workspace, owner } = documentOf(ending);
    expect(ending.stderr).not.toContain('tokl_');
    const email = 'owner@example.com';
    expect((await accept(tokenIn(owner.link.url), { email })).body.workspace).toEqual({
      id: workspace.id,
      name: 'umbrella',
    });
    expect(documentOf(await run('members', 'list', '--workspace', 'acme', '--json')).data).toMatchObject([
      { access: 'owner', status: 'invited', email: null },
    ]);
  });

  test('somebody is invited, listed, given access and removed', async () => {
    const workspace = ['--workspace', 'default'];
    const invited = await run('members', 'invite', 'Ada@Example.com', '--access', 'owner', ...workspace);
    expect({ code: invited.code, stderr: invited.stderr }).toMatchObject({ code: 0 });
    expect(invited.stdout).toMatch(new RegExp(`^${LINK.source}\n$`));
    expect(invited.stderr).not.toContain('tokl_');
    expect(await lastEvent()).toMatchObject({
      action: 'member.invited',
      actor: { type: 'system', id: null },
      request: { method: 'CLI', route: 'members invite' },
    });
    expect((await accept(tokenIn(invited.stdout))).status).toBe(200);

    const list = await run('members', 'list', '--access', 'owner', ...workspace);
    expect(list.stdout).toMatch(/^ID +NAME +EMAIL .*\nusr_\w+ +ada +ada@example\.com +owner +active /);

    const changed = documentOf(
      await run('members', 'set-access', 'ADA@example.com', 'auditor', ...workspace, '--json'),
    );
    expect(changed.member).toMatchObject({ email: 'ada@example.com', access: 'auditor' });
    const { id } = changed.member;
    const unconfirmed = await run('members', 'remove', id, ...workspace);
    expect({ code: unconfirmed.code, stderr: unconfirmed.stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/--yes/),
    });
    expect(documentOf(await run('members', 'remove', id, '--yes', '--json', ...workspace)).member).toMatchObject({
      id,
      status: 'removed',
    });
    expect((await login('ada@example.com', PASSWORD)).status).toBe(401);
    expect(await lastEvent()).toMatchObject({ action: 'member.removed', targets: [{ id }] });
  });

  test('the last owner is neither demoted nor removed, and gets a new password by a link', async () => {
    const workspace = ['--workspace', 'default'];
    for (const args of [
      ['set-access', 'owner@example.com', 'member'],
      ['remove', 'owner@example.com', '--yes'],
    ]) {
      const { code, stderr } = await run('members', ...args, ...workspace);
      expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringMatching(/last owner/) });
    }
    const { stdout } = await run('members', 'reset', 'owner@example.com', ...workspace);
    expect(await lastEvent()).toMatchObject({ action: 'member.reset_link_created', actor: { type: 'system' } });
    expect((await reset(tokenIn(stdout), `${PASSWORD}, anew`)).status).toBe(200);
    expect((await login('owner@example.com', `${PASSWORD}, anew`)).status).toBe(200);
  });

  test('a reset turns the second factor off if it is told to, and is told of', async () => {
    const members = documentOf(await run('members', 'list', '--workspace', 'default', '--json')).data;
    const { id } = members.find(({ email }: { email: string }) => email === 'owner@example.com');
    await db.$client`
      insert into member_totp (member_id, sealed_secret, created_at, enabled_at)
      values (${idToUuid(id)}, ${Buffer.alloc(48)}, now(), now())`;
    const kept = documentOf(await run('members', 'reset', id, '--workspace', 'default', '--json'));
    expect(kept.member.totp_enabled).toBe(true);
    const off = documentOf(await run('members', 'reset', id, '--totp', '--workspace', 'default', '--json'));
    expect(off.member.totp_enabled).toBe(false);
    const actions = (await lastEvents(2)).map(({ action }) => action);
    expect(actions.sort()).toEqual(['member.reset_link_created', 'member.totp_disabled']);
    expect((await reset(tokenIn(kept.link.url), PASSWORD)).status).toBe(401);
  });

  test('an account for an integration is made, and gets no link', async () => {
    const { member } = documentOf(await run('members', 'create', ' sync ', '--workspace', 'default', '--json'));
    expect(member).toMatchObject({ name: 'sync', can_sign_in: false, access: 'member', status: 'active' });
    expect((await run('members', 'reset', member.id, '--workspace', 'default')).code).toBe(4);
  });

  test('who is not there, or of another workspace, is not found', async () => {
    const [{ id }] = documentOf(await run('members', 'list', '--workspace', 'acme', '--json')).data;
    for (const who of [id, 'nobody@example.com', 'nonsense']) {
      const { code, stderr } = await run('members', 'remove', who, '--yes', '--workspace', 'default');
      expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/tooken members list/) });
    }
  });
});
