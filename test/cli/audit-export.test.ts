import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFile } from '../../src/cli/audit/export-file.ts';
import { idFromUuid, type WorkspaceId } from '../../src/lib/ids.ts';
import { exportAuditLog } from '../../src/operator/audit-export.ts';
import { readExport } from '../audit/export/world.ts';
import { appendAll, newEvent, range, until } from '../audit/log.ts';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { createWorkspace } from '../support/workspaces.ts';
import { onTerminal, tooken } from './command-line.ts';
import { createSession } from './session.ts';

const directory = mkdtempSync(join(tmpdir(), 'tooken-export-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('a file in the making', () => {
  const path = join(directory, 'made');
  const options = { isReplacing: false, suffix: 'one' };

  test('has its name when it is whole, for its owner’s eyes only', async () => {
    const file = await makeFile(path, options);
    await file.write(Buffer.from('first,'));
    expect(readdirSync(directory)).toEqual(['.made.one.partial']);
    await file.write(Buffer.from('second'));
    await file.finish();
    expect(readdirSync(directory)).toEqual(['made']);
    expect(readFileSync(path, 'utf8')).toBe('first,second');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('does not take the place of another, also not of one that came meanwhile, unless it may', async () => {
    await expect(makeFile(path, options)).rejects.toThrow('--force');
    rmSync(path);
    const file = await makeFile(path, options);
    writeFileSync(path, 'mine');
    await expect(file.finish()).rejects.toThrow('exists');
    await file.discard();
    expect([readdirSync(directory), readFileSync(path, 'utf8')]).toEqual([['made'], 'mine']);
    const replacing = await makeFile(path, { ...options, isReplacing: true });
    await replacing.write(Buffer.from('theirs'));
    expect(readFileSync(path, 'utf8')).toBe('mine');
    await replacing.finish();
    expect([readdirSync(directory), readFileSync(path, 'utf8')]).toEqual([['made'], 'theirs']);
  });

  test('leaves nothing when it is discarded, and says where it cannot be', async () => {
    const file = await makeFile(join(directory, 'other'), options);
    await file.write(Buffer.from('half'));
    await file.discard();
    expect(readdirSync(directory)).not.toContain('other');
    expect(readdirSync(directory).filter((name) => name.endsWith('.partial'))).toEqual([]);
    await expect(makeFile(join(directory, 'no', 'such'), options)).rejects.toThrow('its directory does not exist');
  });
});

describe('exporting as an operator', () => {
  const pieces: Uint8Array[] = [];
  const surroundings = {
    write: async (piece: Uint8Array) => void pieces.push(piece),
    signal: new AbortController().signal,
    onProgress: () => {},
  };

  test('takes everything of a log, or the installation’s, and tells it as the system', async () => {
    const session = createSession((await createTestDatabase()).app);
    const { id: workspaceId } = await createWorkspace(session, session.request, 'acme');
    await appendAll(session.db, newEvent(workspaceId), newEvent(workspaceId, { environment: 'test' }), newEvent(null));
    for (const [workspace, events] of [
      ['acme', 3],
      [undefined, 4],
      ['installation', 1],
    ] as const) {
      pieces.length = 0;
      const view = await exportAuditLog(session, { workspace, format: 'ndjson' }, surroundings);
      const read = readExport(Buffer.concat(pieces));
      expect(read.events).toHaveLength(events);
      expect(view).toMatchObject({ events, first: 0, end: events, bytes: Buffer.concat(pieces).byteLength });
      expect(view).toMatchObject({ workspace: read.header.workspace, event_id: read.header.event_id });
    }
    expect(Buffer.concat(pieces).toString('utf8')).toContain('"environment":null');
  });

  test.each([
    [{ since: '2027-01-31' }, '2027-01-31T00:00:00.000Z'],
    [{ since: '2027-01-31T02:00:00+02:00' }, '2027-01-31T00:00:00.000Z'],
  ])('takes %j as %s', async (times, expected) => {
    const session = createSession((await createTestDatabase()).app);
    await createWorkspace(session, session.request, 'acme');
    pieces.length = 0;
    await exportAuditLog(session, { ...times, format: 'ndjson' }, surroundings);
    expect(readExport(Buffer.concat(pieces)).header.filters).toEqual({ since: expected });
  });

  test.each([
    [{ since: 'yesterday' }, '--since'],
    [{ until: '2027-02-30' }, '--until'],
    [{ action: 'token.exploded' }, '--action'],
    [{ outcome: 'fine' }, '--outcome'],
    [{ ip: '300.1.1.1' }, '--ip'],
    [{ actor: 'system,' }, '--actor'],
    [{ q: '  ' }, '--q'],
    [{ since: '2027-02-01', until: '2027-01-01' }, '--until'],
  ])('%j is refused by the name of its option', async (choice, option) => {
    const session = createSession((await createTestDatabase()).app);
    await expect(exportAuditLog(session, { ...choice, format: 'csv' }, surroundings)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(option),
    });
  });
});

describe('tooken audit export', { timeout: 60_000 }, async () => {
  const database = await createTestDatabase();
  const env = { DATABASE_URL: databaseUrl(database.app), TOOKEN_MASTER_KEY: Buffer.alloc(32, 9).toString('base64') };
  const run = (...args: string[]) => tooken({ env }, 'audit', 'export', ...args);

  beforeAll(async () => {
    const { code, stderr } = await tooken({ env }, 'bootstrap');
    expect(code, stderr).toBe(0);
  });

  test('writes to stdout, or to a file that it does not replace unasked', async () => {
    const shown = await run('--format', 'csv');
    expect(shown).toMatchObject({ code: 0, stderr: 'Exported 3 events.\n' });
    expect(shown.stdout.split('\r\n')).toHaveLength(5);
    const path = join(directory, 'out.ndjson');
    const written = await run('--output', path, '--json');
    expect(written.code, written.stderr).toBe(0);
    const { events } = readExport(readFileSync(path));
    expect(JSON.parse(written.stdout)).toMatchObject({ export: { events: events.length, file: path } });
    const refused = await run('--output', path);
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--force') });
    expect((await run('--output', path, '--force')).code).toBe(0);
    expect(readExport(readFileSync(path)).events.length).toBeGreaterThan(events.length);
  });

  test('--json needs a file, and a wrong size is an error of usage', async () => {
    expect(await run('--json')).toMatchObject({ code: 2, stderr: expect.stringContaining('--output') });
    expect(await run('--previous', 'x')).toMatchObject({ code: 2 });
    expect(await run('--previous', '999999')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^tooken: --previous must not be larger than the \d+ events that are exported\.\n$/,
      ),
    });
  });

  test.runIf(process.platform === 'linux')(
    'writes nothing of the log to a terminal, where names could do harm, and tells nobody of an export',
    async () => {
      const { db } = createSession(database.app);
      const told = () =>
        db.$client`select from audit_events where convert_from(leaf, 'UTF8') like '%audit_log.exported%'`;
      const before = (await told()).length;
      for (const format of ['ndjson', 'csv', 'ocsf']) {
        const shown = await onTerminal({ env }, 'audit', 'export', '--format', format);
        expect(shown).toEqual({
          code: 2,
          output: expect.stringMatching(/^tooken: stdout is a terminal.*--output <file>/),
        });
        expect(shown.output.trim().split('\n')).toHaveLength(1);
      }
      expect(await told()).toHaveLength(before);
    },
  );

  test.each(['SIGTERM', 'SIGKILL'] as const)('%s in the middle leaves no file of that name', async (signal) => {
    const { db } = createSession(database.app);
    const [row] = await db.$client<{ id: string }[]>`select id from workspaces`;
    const workspaceId = idFromUuid('ws', row?.id ?? '') as WorkspaceId;
    const note = 'x'.repeat(10_000);
    for (const _ of range(15)) await appendAll(db, ...range(100).map(() => newEvent(workspaceId, { note })));
    const own = mkdtempSync(join(directory, 'own-'));
    let child: ChildProcess | undefined;
    const onStart = (started: ChildProcess) => {
      child = started;
    };
    const ending = tooken({ env, onStart }, 'audit', 'export', '--output', join(own, 'out.ndjson'));
    await until(() => readdirSync(own).some((name) => statSync(join(own, name)).size > 0));
    child?.kill(signal);
    const { code, stderr } = await ending;
    expect([code, stderr]).toEqual(signal === 'SIGTERM' ? [130, 'tooken: interrupted by SIGTERM\n'] : [null, '']);
    expect(readdirSync(own)).toEqual(
      signal === 'SIGTERM' ? [] : [expect.stringMatching(/^\.out\.ndjson\.[0-9a-f-]{36}\.partial$/)],
    );
  });

  test('a reader that has had enough is no reason for a complaint', async () => {
    const ending = await tooken({ env, stdout: 'closed' }, 'audit', 'export', '--format', 'csv');
    expect(ending).toMatchObject({ code: 1, stderr: '' });
  });
});
