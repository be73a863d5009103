import { beforeAll, describe, expect, test } from 'vitest';
import type { WorkspaceId } from '../../src/lib/ids.ts';
import { type ErasureChoice, type ErasureWatch, erasePersonalDataOf } from '../../src/operator/audit-erase.ts';
import { appendAll, newEvent, query } from '../audit/log.ts';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { createWorkspace } from '../support/workspaces.ts';
import { tooken } from './command-line.ts';
import { createSession } from './session.ts';

const database = await createTestDatabase();
const session = createSession(database.app);
const { db } = session;

const masterKey = Buffer.alloc(32, 9);
const env = { DATABASE_URL: databaseUrl(database.app), TOOKEN_MASTER_KEY: masterKey.toString('base64') };
const run = (...args: string[]) => tooken({ env }, 'audit', 'erase', ...args);

let acme: WorkspaceId;
let other: WorkspaceId;
beforeAll(async () => {
  acme = (await createWorkspace(session, session.request, 'acme')).id;
  other = (await createWorkspace(session, session.request, 'other')).id;
});

const appendFrom = (ip: string, ...workspaces: readonly (WorkspaceId | null)[]) =>
  appendAll(
    db,
    ...workspaces.map((workspace) =>
      newEvent(workspace, { request: { id: 'req', method: 'POST', route: '/v1/tokens', ip, userAgent: 'curl' } }),
    ),
  );

/** How many events in each log still show that address. */
async function showing(ip: string): Promise<number[]> {
  const pages = await Promise.all(
    [acme, other, null].map((workspaceId) => query(db, { workspaceId, environment: 'live' }, { ip })),
  );
  return pages.map(({ events }) => events.length);
}

async function toldIn(workspaceId: WorkspaceId | null): Promise<number> {
  const page = await query(db, { workspaceId, environment: 'live' }, { actions: ['personal_data.erased'] });
  return page.events.length;
}

const erase = (choice: Partial<ErasureChoice> & { id: string }, watch: Partial<ErasureWatch> = {}) =>
  erasePersonalDataOf(
    session,
    { type: 'source', isEverywhere: false, isDryRun: false, ...choice },
    { confirm: async () => {}, onProgress: () => {}, ...watch },
  );

describe('erasing personal data as an operator', () => {
  test('from one workspace leaves the others alone', async () => {
    await appendFrom('192.0.2.1', acme, other, null);
    const erased = await erase({ id: ' 192.0.2.1 ', workspace: 'acme' });
    expect(erased).toEqual({
      subject: { type: 'source', id: '192.0.2.1' },
      dry_run: false,
      logs: [
        {
          workspace: { id: acme, name: 'acme' },
          events: 1,
          payloads: 1,
          usage_rows: 0,
          request_rows: 0,
          event_ids: [expect.anything()],
        },
      ],
    });
    expect(await showing('192.0.2.1')).toEqual([0, 1, 1]);
  });

  test('from all logs goes where it is known, and tells nobody else', async () => {
    await appendFrom('192.0.2.2', acme, null);
    const told = await toldIn(other);
    const { logs } = await erase({ id: '192.0.2.2', isEverywhere: true });
    expect(logs.map(({ workspace, payloads }) => [workspace?.name, payloads])).toEqual([
      ['acme', 1],
      [undefined, 1],
    ]);
    expect(await showing('192.0.2.2')).toEqual([0, 0, 0]);
    expect(await toldIn(other)).toBe(told);
    expect(await erase({ id: '192.0.2.2', isEverywhere: true })).toMatchObject({ logs: [] });
  });

  test('shows what it would erase, and changes nothing', async () => {
    await appendFrom('192.0.2.3', acme, other);
    const { dry_run: isDryRun, logs } = await erase({ id: '192.0.2.3', isEverywhere: true, isDryRun: true });
    expect(isDryRun).toBe(true);
    expect(logs.map(({ events, event_ids: ids }) => [events, ids])).toEqual([
      [1, []],
      [1, []],
    ]);
    expect(await showing('192.0.2.3')).toEqual([1, 1, 0]);
  });

  test('asks first, naming the subject as the log does, and erases nothing without consent', async () => {
    await appendFrom('2001:db8::1', acme);
    const confirm = async (id: string, found: readonly { payloads: number }[]) => {
      throw new Error(`${id}: ${found[0]?.payloads}`);
    };
    const erasing = erase({ id: '2001:DB8:0::1', workspace: 'acme' }, { confirm });
    await expect(erasing).rejects.toThrow('2001:db8::1: 1');
    expect(await showing('2001:db8::1')).toEqual([1, 0, 0]);
  });

  test('says how far it is', async () => {
    const lines: string[] = [];
    await db.$client`
      insert into audit_private (event_id, slot, log_id, subject_type, subject_id, salt, payload)
      select gen_random_uuid(), 'actor', '00000000-0000-0000-0000-000000000000', 'scope', 'jane:read', '', ''
      from generate_series(1, 12000)`;
    await erase({ type: 'scope', id: 'jane:read', isEverywhere: true }, { onProgress: (line) => lines.push(line) });
    expect(lines).toEqual([
      '5,000 of 12,000 records are erased.',
      '10,000 of 12,000 records are erased.',
      '12,000 of 12,000 records are erased.',
    ]);
  });

  test.each([
    ['source', 'example.com', /an IP address/],
    ['source', '192.0.2.0/24', /an IP address/],
    ['token', 'key_01kav3c4r8e0jbwn7sgm5zkqd2', /the id of a token/],
    ['api_key', 'tok_live_secret', /^(?!.*tok_live).*the id of an API key/],
    ['workspace', 'acme', /the id of a workspace/],
    ['scope', '', /the name of a scope/],
    ['member', 'Jane', /the id of a member/],
  ] as const)('refuses a %s called %j', async (type, id, message) => {
    const failure = { code: 'invalid_request', message: expect.stringMatching(message) };
    await expect(erase({ type, id, workspace: 'acme' })).rejects.toMatchObject(failure);
  });
});

describe('`tooken audit erase`', { timeout: 60_000 }, () => {
  test('erases, and prints which events tell of it', async () => {
    await appendFrom('192.0.2.4', acme);
    const dry = await run('source', '192.0.2.4', '--all-logs', '--dry-run');
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringMatching(/^LOG .*\nacme +1 +1 +0 +0 +-\n$/) });
    expect(dry.stderr).toContain('Nothing was changed.');
    const args = ['--workspace', 'acme', '--yes', '--json', '--reason', 'asked for'];
    const { code, stdout, stderr } = await run('source', '192.0.2.4', ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('Backups') });
    const { erasure } = JSON.parse(stdout);
    expect(erasure).toMatchObject({ dry_run: false, logs: [{ events: 1, payloads: 1 }] });
    expect(await showing('192.0.2.4')).toEqual([0, 0, 0]);
    const { events } = await query(db, { workspaceId: acme, environment: 'live' }, {}, { limit: 1 });
    expect(events[0]).toMatchObject({
      id: erasure.logs[0].event_ids[0],
      action: 'personal_data.erased',
      note: 'asked for',
      actor: { type: 'system' },
      request: { method: 'CLI', route: 'audit erase' },
    });
  });

  test('wants --yes where there is nobody to ask', async () => {
    await appendFrom('192.0.2.5', acme);
    const { code, stderr } = await run('source', '192.0.2.5', '--workspace', 'acme');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('--yes') });
    expect(await showing('192.0.2.5')).toEqual([1, 0, 0]);
  });

  test('takes either a workspace or all logs', async () => {
    const { code, stderr } = await run('source', '192.0.2.5', '--workspace', 'acme', '--all-logs', '--yes');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('cannot be used with') });
  });
});
