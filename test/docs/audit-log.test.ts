import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send } from '../support/answer.ts';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { type ServiceProcess, startService } from '../support/service-process.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/audit-log.md'), 'utf8');
const BLOCKS = [...PAGE.matchAll(/^```(sh|python)\n([\s\S]*?)^```/gm)].map(([, language, code]) => ({
  language,
  code: code ?? '',
}));
/** The commands of the page from the first to the last, as a reader runs them in one shell. */
const COMMANDS = BLOCKS.filter(({ language }) => language === 'sh').map(({ code }) => code);

const TOOLS = ['bash', 'curl', 'jq', 'openssl', 'python3', 'base64', 'sed'];
const missing = TOOLS.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);

describe.skipIf(missing.length > 0)('the commands of docs/audit-log.md', async () => {
  const database = await createTestDatabase();
  const directory = mkdtempSync(join(tmpdir(), 'tooken-page-'));
  let service: ServiceProcess;
  let secret: string;

  beforeAll(async () => {
    for (const { language, code } of BLOCKS) {
      const file = /^# (\w+\.py): /.exec(code)?.[1];
      if (language === 'python' && file !== undefined) writeFileSync(join(directory, file), code);
    }
    service = await startService({
      DATABASE_URL: databaseUrl(database.app),
      TOOKEN_MASTER_KEY: Buffer.alloc(32, 9).toString('base64'),
      TOOKEN_DATA_DIR: join(directory, 'data'),
    });
    secret = service.apiKey ?? '';
  });
  afterAll(async () => {
    await service.stop();
    rmSync(directory, { recursive: true });
  });

  function run(script: string) {
    const tooken = `npx() { shift; "${process.execPath}" --import "${import.meta.resolve('tsx')}" "${ROOT}/src/cli/main.ts" "$@"; }`;
    const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-euo', 'pipefail', '-c', `${tooken}\n${script}`], {
      cwd: directory,
      env: { PATH: process.env.PATH, HOME: directory, TOOKEN_URL: service.url, TOOKEN_API_KEY: secret },
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }

  async function issue(name: string) {
    const answer = await send({ url: service.url, secret }, 'POST', '/v1/tokens', { name, scopes: ['a:read'] });
    expect(answer.status).toBe(201);
  }

  it('accept a log as it is, from its first checkpoint on', async () => {
    await issue('first');
    const { status, stdout, stderr } = run(COMMANDS.join('\n'));
    expect([status, stderr], stdout).toEqual([0, expect.not.stringMatching(/error/i)]);
    expect(stdout.match(/Signature Verified Successfully/g)).toHaveLength(3);
    expect(stdout).toMatch(/^evt_\w+ is event \d+ of \d+: token\.created at /m);
    expect(stdout.match(/^The first \d+ events are those that were signed\.$/gm)).toHaveLength(2);
  });

  const lie = (file: string, change: (text: string) => string) => {
    const path = join(directory, file);
    const text = readFileSync(path, 'utf8');
    expect(change(text)).not.toBe(text);
    writeFileSync(path, change(text));
    return () => writeFileSync(path, text);
  };

  it.each([
    ['another event', (text: string) => text.replace(/(\\"action\\":\\"token)\.created/, '$1.revoked'), 'not have'],
    ['another place', (text: string) => text.replace(/"leaf_index":(\d+),"leaf"/, '"leaf_index":0,"leaf"'), 'not have'],
    ['another name', (text: string) => text.replace(/\\"name\\":\\"/, '$&x'), 'is not what the event commits to'],
  ])('refuse a proof of %s', (_what, change, message) => {
    const undo = lie('proof.json', change);
    const { status, stderr } = run('python3 verify_event.py');
    undo();
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
    expect(run('python3 verify_event.py').status).toBe(0);
  });

  it('refuse a checkpoint that the log has not signed', () => {
    const undo = lie('earlier.checkpoint', (text) => text.replace(/\n(\d+)\n/, (_, size) => `\n${Number(size) + 1}\n`));
    const check = COMMANDS.filter((code) => code.includes('check_signature earlier')).join('\n');
    expect(run(check).status).not.toBe(0);
    undo();
    expect(run(check).status).toBe(0);
  });

  it('refuse a log that does not begin as an earlier one did', () => {
    const workspace = `export WORKSPACE=$(curl -sf -H "Authorization: Bearer $TOOKEN_API_KEY" "$TOOKEN_URL/v1/whoami" | jq -r .workspace)\n`;
    const verify = `${workspace}python3 verify_log.py now.txt earlier.txt`;
    expect(run(verify).status).toBe(0);
    const undo = lie('earlier.txt', (text) => text.replace(/\n(\d+)\n(.)/, (_, size) => `\n${size}\nA`));
    const refused = run(verify);
    undo();
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('are not those that were signed')]);
  });
});

it('the page names no file that is not there', () => {
  const links = [...PAGE.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path ?? '');
  expect(links.length).toBeGreaterThan(0);
  for (const path of links) expect(() => readFileSync(join(ROOT, 'docs', path)), path).not.toThrow();
});
