import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { startService } from '../support/service-process.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/people.md'), 'utf8');
/** The commands of the page from the first to the last, as a reader runs them in one shell. */
const COMMANDS = [...PAGE.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, code]) => code ?? '').join('\n');

const TOOLS = ['bash', 'curl', 'jq'];
const missing = TOOLS.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);

describe.skipIf(missing.length > 0)('the commands of docs/people.md', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tooken-people-'));
  const service = await startService({
    DATABASE_URL: databaseUrl((await createTestDatabase()).app),
    TOOKEN_MASTER_KEY: Buffer.alloc(32, 9).toString('base64'),
    TOOKEN_DATA_DIR: join(directory, 'data'),
  });
  afterAll(async () => {
    await service.stop();
    rmSync(directory, { recursive: true });
  });

  it('bring in an owner and a member, whose token follows it until it is gone', () => {
    const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-euo', 'pipefail', '-c', COMMANDS], {
      cwd: directory,
      env: {
        PATH: process.env.PATH,
        TOOKEN_URL: service.url,
        TOOKEN_API_KEY: service.apiKey,
        SET_UP_LINK: service.setUpLink,
      },
      encoding: 'utf8',
    });
    expect([status, stderr], stdout).toEqual([0, '']);
    expect(stdout).toContain('"access":"owner"');
    expect(stdout).toMatch(/http:\S+\/link#tokl_\w{43}$/m);
    expect(stdout).toMatch(
      /"scope": "invoices:read invoices:write",\s*"sub": "usr_\w+",\s*"username": "bob@example.com"/,
    );
    expect(stdout).toMatch(/"active": true,\s*"scope": null/);
    expect(stdout.trim()).toMatch(/\{"active":false\}$/);
  });
});
