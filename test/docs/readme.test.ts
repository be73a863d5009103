import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Environment, readConfig } from '../../src/config/config.ts';
import { readSecrets } from '../../src/config/secrets.ts';
import { curlRequest } from '../support/curl.ts';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { startService } from '../support/service-process.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const README = read('README.md');

function codeBlocks(language: string): string[] {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm'))].map(([, code]) => code ?? '');
}

function only<Item>(items: readonly Item[]): Item {
  const [item, ...others] = items;
  if (item === undefined || others.length > 0) throw new Error(`not one but ${items.length} in README.md`);
  return item;
}

describe('the commands of README.md', async () => {
  const TOOKEN_MASTER_KEY = Buffer.alloc(32, 9).toString('base64');
  const service = await startService({
    DATABASE_URL: databaseUrl((await createTestDatabase()).app),
    TOOKEN_MASTER_KEY,
  });
  afterAll(() => service.stop());

  /** Does what `script` says once every value that the reader has to fill in is there, and nothing else is changed. */
  async function follow(script: string, values: Readonly<Record<string, string>>) {
    const filled = Object.entries(values).reduce((text, [gap, value]) => text.replaceAll(gap, value), script);
    expect(filled).not.toContain('…');
    const { method, url, headers, body } = curlRequest(filled, {
      TOOKEN_URL: service.url,
      TOOKEN_API_KEY: service.apiKey ?? '',
    });
    const response = await fetch(url, { method, headers, ...(body !== undefined && { body }) });
    return { status: response.status, body: JSON.parse(await response.text()) };
  }

  const issue = () =>
    follow(only(codeBlocks('sh').filter((code) => code.includes('export TOOKEN_URL='))), {
      'http://127.0.0.1:8080': service.url,
      'tok_live_…': service.apiKey ?? '',
    });

  it('issue a token, and with the same Idempotency-Key the same one', async () => {
    const issued = await issue();
    expect(issued.status).toBe(201);
    expect(issued.body).toMatchObject({ token: { name: 'billing', scopes: ['invoices:read'], status: 'active' } });
    expect((await issue()).body).toEqual(issued.body);
  });

  it('introspect it, with the answer that is shown', async () => {
    const { secret } = (await issue()).body;
    const script = only(codeBlocks('sh').filter((code) => code.includes('/v1/tokens/introspect')));
    const answer = await follow(script, { 'tkn_live_…': secret });
    expect(answer.status).toBe(200);
    const shown = JSON.parse(only(codeBlocks('json')));
    const varying = (body: typeof shown) => ({ ...body, iss: '', exp: body.exp - body.iat, iat: 0 });
    expect(varying(answer.body)).toMatchObject({
      ...varying(shown),
      client_id: expect.stringMatching(/^key_\w+$/),
      sub: expect.stringMatching(/^tkn_\w+$/),
      jti: answer.body.sub,
    });
  });
});

describe('the table of variables in README.md', () => {
  /** Each variable with its default, as far as that is a value. */
  const rows = README.split('## Configure')[1]
    ?.split('\n## ')[0]
    ?.split('\n')
    .map((line) => line.split('|').map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '')))
    .flatMap(([, names = [], defaults = []]) => names.map((name, index) => [name, defaults[index]] as const));
  const documented = new Map(rows);

  it('has every variable that is read, and no other', () => {
    const asked = new Set<string>();
    const env = new Proxy<Environment>({}, { get: (_, name) => void asked.add(String(name)) });
    readConfig(env);
    readSecrets(env);
    // Told of at LOG_LEVEL.
    asked.delete('NODE_ENV');
    expect([...documented.keys()].sort()).toEqual([...asked].sort());
  });

  it('has the right defaults', () => {
    const { TOOKEN_PUBLIC_URL, MIGRATION_DATABASE_URL, ...defaults } = Object.fromEntries(documented);
    expect(TOOKEN_PUBLIC_URL).toBe('http://HOST:PORT');
    expect(MIGRATION_DATABASE_URL).toBe('DATABASE_URL');
    expect(readConfig(defaults)).toEqual(readConfig({}));
    const given = Object.values(defaults).filter((value) => value !== undefined);
    expect(given.length).toBeGreaterThanOrEqual(9);
  });
});

const DOCUMENTS = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'docs/metrics.md',
  'docs/audit-log.md',
];

describe.each(DOCUMENTS)('%s', (file) => {
  it('links to files that exist, and names scripts that exist', () => {
    const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path ?? '');
    expect(links.filter((path) => !existsSync(join(ROOT, dirname(file), path)))).toEqual([]);
    const scripts = [...read(file).matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name ?? '');
    const known = Object.keys(JSON.parse(read('package.json')).scripts);
    expect(scripts.filter((name) => !known.includes(name))).toEqual([]);
  });
});
