import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { WorkspaceId } from '../../src/lib/ids.ts';
import { type TailChoice, type TailedEvent, tailAuditLog } from '../../src/operator/audit-tail.ts';
import { appendAll, newEvent, range } from '../audit/log.ts';
import { dataDirIn } from '../support/data-dir.ts';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { startDatabaseProxy } from '../support/proxy.ts';
import { createWorkspace } from '../support/workspaces.ts';
import { CLI, TSX, tooken } from './command-line.ts';
import { createSession } from './session.ts';

const database = await createTestDatabase();
const session = createSession(database.app);
const { db } = session;
const env = { DATABASE_URL: databaseUrl(database.app), TOOKEN_MASTER_KEY: Buffer.alloc(32, 9).toString('base64') };

let acme: WorkspaceId;
beforeAll(async () => {
  acme = (await createWorkspace(session, session.request, 'acme')).id;
});

const append = (...reasons: string[]) => appendAll(db, ...reasons.map((reason) => newEvent(acme, { reason })));

describe('following the log as an operator', () => {
  const controllers: AbortController[] = [];
  afterEach(() => {
    for (const controller of controllers.splice(0)) controller.abort();
  });

  function tail(choice: TailChoice = {}, from = session) {
    const controller = new AbortController();
    controllers.push(controller);
    const events = tailAuditLog(from, choice, { signal: controller.signal, onProgress: () => {} });
    return {
      take: async (count: number): Promise<TailedEvent[]> => {
        const taken: TailedEvent[] = [];
        while (taken.length < count) taken.push((await events.next()).value as TailedEvent);
        return taken;
      },
      end: async () => {
        controller.abort();
        return (await events.next()).done;
      },
    };
  }

  const reasons = (events: readonly TailedEvent[]) => events.map(({ reason }) => reason);

  test('begins with the last events and goes on with each new one, in the order of the log', async () => {
    await append(...range(5).map((n) => `old ${n}`));
    const { take, end } = tail({ lines: 2 });
    expect(reasons(await take(2))).toEqual(['old 3', 'old 4']);
    await append('new 1');
    await append('new 2', 'new 3');
    expect(reasons(await take(3))).toEqual(['new 1', 'new 2', 'new 3']);
    expect(await end()).toBe(true);
  });

  test('shows both environments, or one, and the log of the installation by its name', async () => {
    const both = tail({ lines: 1 });
    const live = tail({ lines: 1, environment: 'live' });
    const installation = tail({ lines: 1, workspace: 'installation' });
    await appendAll(db, newEvent(acme, { reason: 'begin' }), newEvent(null, { reason: 'apart' }));
    expect(reasons([...(await both.take(1)), ...(await live.take(1))])).toEqual(['begin', 'begin']);
    expect(reasons(await installation.take(1))).toEqual(['apart']);
    const environments = ['test', 'live', null] as const;
    await appendAll(
      db,
      ...environments.map((environment) => newEvent(acme, { environment, reason: `${environment}` })),
    );
    await appendAll(db, newEvent(null, { reason: 'apart, too' }));
    expect(reasons(await both.take(3))).toEqual(['test', 'live', 'null']);
    expect(reasons(await live.take(2))).toEqual(['live', 'null']);
    expect(reasons(await installation.take(1))).toEqual(['apart, too']);
  });

  test('takes filters, and begins as long ago as it is told', async () => {
    await appendAll(db, ...range(15).map((n) => newEvent(acme, { action: 'scope.created', reason: `scope ${n}` })));
    const { take } = tail({ action: 'scope.*', since: '1h' });
    expect(reasons(await take(15))).toEqual(range(15).map((n) => `scope ${n}`));
    const nothing = tail({ action: 'scope.*', since: '2099-01-01' });
    const next = nothing.take(1);
    await append('another action');
    await nothing.end().catch(() => {});
    await next.catch(() => {});
  });

  test('takes words, and shows only what has all of them', async () => {
    await append('peculiar first', 'ordinary', 'peculiar second');
    expect(reasons(await tail({ q: 'peculiar second' }).take(1))).toEqual(['peculiar second']);
    expect(reasons(await tail({ q: 'peculiar' }).take(2))).toEqual(['peculiar first', 'peculiar second']);
  });

  test.each([{ action: 'nonsense' }, { since: 'yesterday' }, { workspace: 'nowhere' }])(
    'refuses %j',
    async (choice) => {
      await expect(tail(choice).take(1)).rejects.toMatchObject({ name: 'ServiceError' });
    },
  );

  test('outlives a database that is away for a while, without a gap', async () => {
    const proxy = await startDatabaseProxy(database.app);
    const { take, end } = tail({ lines: 1 }, createSession(proxy.through(database.app)));
    await append('before');
    await take(1);
    const next = take(2);
    proxy.hangUp();
    await append('meanwhile');
    // Longer than it takes to look again.
    await sleep(1_000);
    proxy.recover();
    await append('after');
    expect(reasons(await next)).toEqual(['meanwhile', 'after']);
    await end();
    await proxy[Symbol.asyncDispose]();
  });
});

describe('tooken audit tail', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  function start(...args: string[]) {
    const child = spawn(process.execPath, ['--import', TSX, CLI, 'audit', 'tail', ...args], {
      cwd: '/',
      env: { PATH: process.env.PATH, ...dataDirIn(env), ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { child, line: async () => (await lines.next()).value as string };
  }

  const hostile = 'a\u001b]0;owned\u0007\u009b2J\u202e\nb';
  const hostileEvent = () =>
    newEvent(acme, {
      action: 'request.denied',
      outcome: 'denied',
      reason: 'insufficient_scope:a:read',
      actor: { type: 'api_key', id: 'key_1', name: hostile },
      targets: [{ type: 'token', id: 'tkn_1', name: 'deploy' }],
    });

  test('prints a line for each event, harmless to a terminal, until it is interrupted', async () => {
    await appendAll(db, hostileEvent());
    const { child, line } = start('-n', '1');
    const text = await line();
    expect(text).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ {2}request\.denied {2}denied \(insufficient_scope:a:read\) {2}by key_1 "a.*b" {2}on token tkn_1 "deploy" {2}from 192\.0\.2\.1$/,
    );
    expect(text).not.toMatch(/[\p{Cc}\u202e]/u);
    await append('second');
    expect(await line()).toContain('(second)');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
  });

  test('has the filter by words that exports have', async () => {
    await append('peculiar third', 'ordinary');
    expect(await start('-n', '1', '--q', 'peculiar third').line()).toContain('(peculiar third)');
  });

  test('prints a JSON object in each line, whole and harmless', async () => {
    await appendAll(db, hostileEvent());
    const { line } = start('-n', '1', '--json');
    const text = await line();
    expect(text).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(JSON.parse(text)).toMatchObject({ action: 'request.denied', actor: { id: 'key_1', name: hostile } });
  });

  test('ends well when nobody reads it any more', async () => {
    await append('one');
    const { code, stderr } = await tooken({ env, stdout: 'closed' }, 'audit', 'tail');
    expect([code, stderr]).toEqual([0, '']);
  });

  test('refuses a number of lines that is none', async () => {
    for (const lines of ['0', '201']) {
      expect((await tooken({ env }, 'audit', 'tail', `--lines=${lines}`)).code).toBe(2);
    }
  });
});
