import { closeSync, existsSync, openSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { createDigest } from '../../src/credentials/digest.ts';
import { type Credential, parseCredential } from '../../src/credentials/format.ts';
import { createMasterKey } from '../../src/credentials/master-key.ts';
import { selectRecords } from '../../src/introspection/store.ts';
import { createDeps } from '../keys/deps.ts';
import { appendedEvents } from '../keys/events.ts';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { type Ending, tooken } from './command-line.ts';

const database = await createTestDatabase();
const { db } = createDeps(database.app);
const masterKey = Buffer.alloc(32, 9);
const env = { DATABASE_URL: databaseUrl(database.app), TOOKEN_MASTER_KEY: masterKey.toString('base64') };
const run = (...args: string[]) => tooken({ env }, ...args);

/** What the service knows of a value: the record it leads to. */
async function recordOf(secret: string) {
  const digest = createDigest(createMasterKey(masterKey).derive('credential-pepper'))(secret as Credential);
  return (await selectRecords(db, [digest], [])).records.get(digest.toString('hex'));
}

/** The one document on stdout of a command that went well. */
function documentOf({ code, stdout, stderr }: Ending) {
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  return JSON.parse(stdout);
}

/** A command that failed says why in one line on stderr, and nothing on stdout. */
function expectFailure({ code, stdout, stderr }: Ending, expected: number, line: RegExp): void {
  expect({ code, stdout, stderr }).toEqual({ code: expected, stdout: '', stderr: expect.stringMatching(line) });
  expect(stderr).toMatch(/^tooken: [^\n]+\n$/);
}

let first: { api_key: { id: string }; secret: string };

beforeAll(async () => {
  const endings = await Promise.all([run('bootstrap', '--json'), run('bootstrap', '--json')]);
  const [winner, loser] = endings.toSorted((a, b) => (a.code ?? 0) - (b.code ?? 0));
  if (winner === undefined || loser === undefined) throw new Error('two were started');
  first = documentOf(winner);
  expectFailure(loser, 4, /has a workspace already/);
}, 60_000);

test('of two bootstraps at once one makes the workspace and a working key', async () => {
  expect(await recordOf(first.secret)).toMatchObject({ kind: 'api_key', id: first.api_key.id, environment: 'live' });
});

describe('an API key', { timeout: 60_000 }, () => {
  test('goes to stdout alone when it is made, and to nowhere else', async () => {
    const { code, stdout, stderr } = await run(
      'keys',
      'create',
      ' ci ',
      '--expires-in',
      '90d',
      '--environment',
      'test',
    );
    const secret = stdout.trimEnd();
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${secret}\n` });
    expect(parseCredential(secret)).toMatch(/^tok_test_/);
    expect(stderr).toContain('"ci"');
    expect(stderr).toContain('only time');
    expect(stderr).not.toContain(secret);
    const record = await recordOf(secret);
    expect(record).toMatchObject({ name: 'ci', environment: 'test', expiresAt: expect.any(Date) });
    expect((await appendedEvents({ db })).at(-1)).toMatchObject({
      action: 'api_key.created',
      actor: { type: 'system', id: null },
      targets: [{ id: record?.id }],
      request: { method: 'CLI', route: 'keys create' },
    });
    const list = await run('keys', 'list', '--environment', 'test');
    expect(list.stdout).toMatch(
      /^ID +NAME +ENV .*\nkey_\w+ +ci +test +tok_test_\S+ +active +\d{4}-\d\d-\d\d [\d:]+Z +anywhere /,
    );
    expect(list.stdout).not.toContain(secret);
  });

  test('is regenerated and deleted by its id; its values are dead when the command has ended', async () => {
    const { api_key, secret } = documentOf(
      await run('keys', 'create', 'one', '--json', '--allowed-cidr', '192.0.2.7/24'),
    );
    const { id } = api_key;
    expect(api_key).toMatchObject({ name: 'one', allowed_cidrs: ['192.0.2.0/24'] });
    const regenerated = documentOf(await run('keys', 'regenerate', id, '--json'));
    expect(await recordOf(secret)).toBeUndefined();
    expect(await recordOf(regenerated.secret)).toMatchObject({ id });

    expectFailure(await run('keys', 'delete', id), 2, /--yes/);
    expect(await recordOf(regenerated.secret)).toMatchObject({ id });
    const deleted = documentOf(await run('keys', 'delete', id, '--yes', '--json'));
    expect(deleted).toMatchObject({ api_key: { id }, live_token_count: 0 });
    expect(await recordOf(regenerated.secret)).toBeUndefined();
    expectFailure(await run('keys', 'regenerate', id), 3, new RegExp(`"default" has no API key ${id}`));
  });

  test.runIf(existsSync('/dev/full'))('that could not be written is declared lost, with the way out', async () => {
    const stdout = openSync('/dev/full', 'w');
    try {
      const { code, stderr } = await tooken({ env, stdout }, 'keys', 'create', 'lost');
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/tooken keys regenerate key_/) });
    } finally {
      closeSync(stdout);
    }
  });
});

test.each<[string, Record<string, string>, RegExp]>([
  ['a database that cannot be reached', { DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/x' }, /cannot be reached/],
  ['a variable that is wrong', { TOOKEN_MASTER_KEY: 'hidden' }, /TOOKEN_MASTER_KEY: must be 32 bytes/],
])('%s is an error of the environment, told without a secret', async (_, change, line) => {
  const ending = await tooken({ env: { ...env, ...change } }, 'keys', 'list', '--workspace', 'default');
  expectFailure(ending, 5, line);
  expect(ending.stderr).not.toContain('hidden');
});

test('a migrated database is left as it is by migrate', async () => {
  const migrating = { ...env, MIGRATION_DATABASE_URL: databaseUrl(database.owner) };
  expect(documentOf(await tooken({ env: migrating }, 'migrate', '--json'))).toEqual({ applied: 0 });
});

test('a reader that has gone is no error for a list', async () => {
  const ending = await tooken({ env, stdout: 'closed' }, 'keys', 'list', '--workspace', 'default');
  expect(ending).toEqual({ code: 0, stdout: '', stderr: '' });
});
