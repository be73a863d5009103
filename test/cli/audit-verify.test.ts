import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeAll, describe, expect, test } from 'vitest';
import { createProgressLine } from '../../src/cli/audit/verify-progress.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { newTestKey } from '../audit/core/export-writer.ts';
import { scratchDirectory } from '../audit/evidence.ts';
import { openTestClient } from '../audit/log.ts';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { tooken } from './command-line.ts';

const database = await createTestDatabase();
const owner = openTestClient(database.owner);
const directory = scratchDirectory();
const env = {
  DATABASE_URL: databaseUrl(database.app),
  TOOKEN_MASTER_KEY: Buffer.alloc(32, 9).toString('base64'),
  TOOKEN_DATA_DIR: directory,
};
const run = (...args: string[]) => tooken({ env }, ...args);

beforeAll(async () => {
  await run('bootstrap');
  const { code, stdout } = await run('audit', 'export');
  expect(code).toBe(0);
  writeFileSync(join(directory, 'export.ndjson'), stdout);
}, 60_000);

describe('tooken audit verify --live', { timeout: 60_000 }, () => {
  const verify = (...args: string[]) => run('audit', 'verify', '--live', ...args);

  test('verifies every log, and gives the key with which an export is verified offline', async () => {
    const { code, stdout } = await verify('--json');
    expect(code).toBe(0);
    const { holds, logs } = JSON.parse(stdout) as {
      holds: boolean;
      logs: { workspace: object; verifier_key: string }[];
    };
    expect(holds).toBe(true);
    expect(logs).toMatchObject([
      { workspace: { name: 'default' }, holds: true, checkpoint_file: true },
      { workspace: null },
    ]);
    const path = join(directory, 'export.ndjson');
    const offline = await tooken({ env: {} }, 'audit', 'verify', path, '--key', logs[0]?.verifier_key ?? '');
    expect(offline).toMatchObject({ code: 0, stderr: 'All of it holds.\n' });
  });

  test('refuses a kept checkpoint that is of another log', async () => {
    const other = join(directory, 'other');
    writeFileSync(
      other,
      newTestKey('other.example').sign(`other.example\n1\n${Buffer.alloc(32).toString('base64')}\n`),
    );
    expect(await verify('--previous', other)).toMatchObject({ code: 2, stdout: '' });
  });

  test('says which log is halted, and that no event is without a place', async () => {
    expect((await verify('--workspace', 'default')).stdout).toMatch(/^strays +none$/m);
    await owner`update audit_logs set halt_reason = 'It was restored.'`;
    const halted = await verify();
    expect(halted).toMatchObject({ code: 0, stdout: expect.stringMatching(/^halted +It was restored\.$/m) });
    expect(halted.stderr).toMatch(/^Log of default:\nIt is halted, nothing more is signed for it: It was restored\.$/m);
    await owner`update audit_logs set halt_reason = null`;
  });

  test('takes a checkpoint from before a new beginning, as an export does with the key of then', async () => {
    const [before] = await owner<{ note: string; id: string }[]>`
      select note, workspace.id from audit_checkpoints join workspaces workspace on workspace.id = log_id limit 1`;
    const { logs } = JSON.parse((await verify('--workspace', 'default', '--json')).stdout) as {
      logs: { verifier_key: string }[];
    };
    const then = logs[0]?.verifier_key ?? '';
    const kept = join(directory, 'kept');
    writeFileSync(kept, before?.note ?? '');
    await owner`update audit_logs set halt_reason = 'It was restored.' where id = ${before?.id ?? ''}`;
    const now = (await run('audit', 'reopen', 'default', '--yes')).stdout.trim();
    expect(now.split('+')[0]).toBe(`${then.split('+')[0]}/2`);
    expect(await verify('--previous', kept)).toMatchObject({ code: 0 });

    const path = join(directory, 'reopened.ndjson');
    expect((await run('audit', 'export', '--output', path)).code).toBe(0);
    const offline = (...args: string[]) => tooken({ env: {} }, 'audit', 'verify', path, '--previous', kept, ...args);
    const asked = await offline('--key', now);
    expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining('--previous-key') });
    const compared = await offline('--key', now, '--previous-key', then);
    expect(compared).toMatchObject({ code: 0, stderr: 'All of it holds.\n' });
    expect(compared.stdout).toMatch(/^previous +\S+kept: its \d+ leaves are the same, signed as \S+$/m);
    const reversed = await offline('--key', then, '--previous-key', now);
    expect(reversed).toMatchObject({ code: 2, stderr: expect.stringContaining('before it began anew') });
  });

  test('ends with 1 once something was tampered with, and says what and where', async () => {
    await owner`alter table audit_events disable trigger user`;
    await owner`
      update audit_events set leaf = convert_to(replace(convert_from(leaf, 'UTF8'), 'api_key.created', 'api_key.deleted'), 'UTF8')`;
    await owner`
      insert into audit_events
      select gen_random_uuid(), event.log_id, event.occurred_at, event.leaf
      from audit_events event join workspaces workspace on workspace.id = event.log_id limit 1`;
    const { code, stdout, stderr } = await verify('--workspace', 'default');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^log +default \(ws_\w+\)\nresult +does not hold: edited_event\n/);
    expect(stdout).toMatch(/^strays +1 event$/m);
    expect(stderr).toMatch(/edited_event \(evt_\w{26}\): .+\n.+\nWhat to do: /);
  });
});

describe('progress', () => {
  function show(isTTY: boolean, atMs: readonly number[]): string {
    let nowMs = 0;
    const output = Object.assign(new PassThrough().setEncoding('utf8'), { isTTY });
    const progress = createProgressLine(output, { ...systemClock, monotonicMs: () => nowMs });
    for (const ms of atMs) {
      nowMs = ms;
      progress.show({ records: ms, done: ms / 100, total: 1_000 });
    }
    progress.clear();
    return String(output.read() ?? '');
  }

  test('is one line on a terminal, which goes away in the end', () => {
    expect(show(true, [100, 300, 310, 600])).toBe(
      '\rverified 300 records, 0 %, 1000 a second\x1b[K\rverified 600 records, 0 %, 1000 a second\x1b[K\r\x1b[K',
    );
  });

  test('is said elsewhere only if it takes long', () => {
    expect(show(false, [100, 9_000])).toBe('');
    expect(show(false, [9_000, 10_000, 50_000])).toBe(
      'verified 10000 records, 10 %, 1000 a second\nverified 50000 records, 50 %, 1000 a second\n',
    );
  });
});
