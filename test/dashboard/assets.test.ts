import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Hono } from 'hono';
import type { Browser } from 'playwright-core';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { hashLeaf } from '../../src/audit/core/hash.ts';
import { rootOfLeaves } from '../../src/audit/core/tree.ts';
import { sha256 } from '../../src/audit/hashing.ts';
import { loadAssets } from '../../src/dashboard/assets/assets.ts';
import { collectModules, listEntries } from '../../src/dashboard/assets/modules.ts';
import { mountAssets } from '../../src/dashboard/assets/mount.ts';
import type { PageEnv } from '../../src/dashboard/kernel/env.ts';
import { newVisitor, openBrowser } from '../support/browser.ts';

const STYLE = 'body { color: #111 }';
const DIST = join(import.meta.dirname, '../../dist');

/** Enough to reach every kind of import: of the service, and of packages. */
const ENTRIES = ['dashboard/browser/main.js', 'dashboard/browser/verify/hashing.js', 'audit/core/verify-export.js'];

/** Everything that a module imports, as a browser resolves it. */
function importsOf({ path, source }: { path: string; source: string }): string[] {
  const { importedFiles } = ts.preProcessFile(source);
  return importedFiles.map(({ fileName }) => new URL(fileName, `http://host/${path}`).pathname.slice(1));
}

/** Collects from a `dist/` of its own, which holds `files` by path. */
async function collectFrom(files: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const dist = await mkdtemp(join(tmpdir(), 'tooken-dist-'));
  onTestFinished(() => rm(dist, { recursive: true }));
  for (const [path, source] of Object.entries(files)) {
    await mkdir(dirname(join(dist, path)), { recursive: true });
    await writeFile(join(dist, path), source);
  }
  const modules = collectModules(['dashboard/browser/entry.js'], pathToFileURL(`${dist}/`));
  return Object.fromEntries(modules.map(({ path, source }) => [path, source]));
}

describe('modules', () => {
  const modules = collectModules(ENTRIES);

  test('each import of a served module leads to a served module', () => {
    const served = modules.map(({ path }) => path);
    const imported = new Set(modules.flatMap(importsOf));
    expect([...imported].filter((path) => !served.includes(path))).toEqual([]);
    expect(imported).toContain('packages/canonicalize/lib/canonicalize.js');
    expect(imported).toContain('packages/@noble/hashes/_md.js');
    expect(imported).toContain('lib/json-members.js');
    expect(imported.size).toBeGreaterThan(30);
  });

  test('what no entry reaches is not served', () => {
    const served = modules.map(({ path }) => path);
    const reachable = new Set([...ENTRIES, ...modules.flatMap(importsOf)]);
    expect(served.toSorted()).toEqual([...reachable].toSorted());
    expect(collectModules(['dashboard/browser/verify/hashing.js']).map(({ path }) => path)).not.toContain(
      'audit/core/tree.js',
    );
  });

  test('none refers to a source map, which nobody would get', () => {
    expect(modules.filter(({ source }) => source.includes('sourceMappingURL'))).toEqual([]);
  });

  test('every way to import is followed, in whatever order modules import each other', async () => {
    const entry = [
      "import './effect.js';",
      'import first, {',
      '  second,',
      '} from "../../lib/names.js";',
      "export * from './more.js';",
      "export { third } from './nested/third.js';",
      '//# sourceMappingURL=entry.js.map',
    ];
    const found = await collectFrom({
      'dashboard/browser/entry.js': entry.join('\n'),
      'dashboard/browser/effect.js': "import './entry.js';",
      'dashboard/browser/more.js': '/** Nobody gets\n * import x from "./comment.js";\n */\nexport const more = 1;',
      'dashboard/browser/nested/third.js': "import * as names from '../../../lib/names.js'; export const third = 3;",
      'dashboard/browser/other.js': 'export const other = 1;',
      'lib/names.js': 'export default 1; export const second = 2;',
    });
    expect(Object.keys(found).toSorted()).toEqual([
      'dashboard/browser/effect.js',
      'dashboard/browser/entry.js',
      'dashboard/browser/more.js',
      'dashboard/browser/nested/third.js',
      'lib/names.js',
    ]);
    expect(found['dashboard/browser/entry.js']).toBe(`${entry.slice(0, -1).join('\n')}\n`);
  });

  test.each([
    ['node:crypto', 'which no browser gets'],
    ['hono', 'which no browser gets'],
    ['constructor', 'which no browser gets'],
    ['../../tokens/issue.js', 'which no browser gets'],
    ['../kernel/cookies.js', 'which no browser gets'],
    ['../../../package.js', 'which no browser gets'],
    ['/etc/passwd', 'which no browser gets'],
    ['./nowhere.js', 'Scripts of the dashboard are missing'],
  ])('an import of %s is refused', async (specifier, reason) => {
    const files = {
      'dashboard/browser/entry.js': `import '${specifier}';\n`,
      'dashboard/kernel/cookies.js': '',
      'tokens/issue.js': '',
    };
    await expect(collectFrom(files)).rejects.toThrow(reason);
  });
});

describe('assets', () => {
  const assets = loadAssets({ 'dashboard.css': STYLE });
  const main = assets.urlOf('main.js');
  const [, prefix = ''] = /^(\/assets\/[0-9a-f]{32}\/)dashboard\/browser\/main\.js$/.exec(main) ?? [];

  test('a script and a style sheet are found at their URLs, each with its type', () => {
    expect(prefix).not.toBe('');
    expect(assets.find(main)).toMatchObject({ contentType: 'text/javascript; charset=utf-8' });
    expect(assets.urlOf('dashboard.css')).toBe(`${prefix}dashboard.css`);
    expect(assets.find(assets.urlOf('dashboard.css'))).toMatchObject({
      body: STYLE,
      contentType: 'text/css; charset=utf-8',
      etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
    });
  });

  test('what is no entry has no URL', () => {
    for (const name of ['verify/hashing.js', 'nowhere.js', 'main.js.map.js', '../main.js'] as const) {
      expect(() => assets.urlOf(name)).toThrow(`there is no asset ${name}`);
    }
  });

  test('the same content has the same URLs, and any other has others', () => {
    expect(loadAssets({ 'dashboard.css': STYLE }).urlOf('main.js')).toBe(main);
    expect(loadAssets({ 'dashboard.css': `${STYLE} ` }).urlOf('main.js')).not.toBe(main);
  });

  test('of all that is built, only what the entries reach is found', () => {
    const files = readdirSync(DIST, { recursive: true, encoding: 'utf8' });
    const found = files.filter((file) => assets.find(prefix + file) !== undefined);
    expect(found.toSorted()).toEqual(
      collectModules([...listEntries().values()])
        .map(({ path }) => path)
        .filter((path) => !path.startsWith('packages/'))
        .toSorted(),
    );
    expect(files.length).toBeGreaterThan(found.length);
  });

  const other = '0'.repeat(32);
  test.each([
    ['another hash', () => main.replace(/[0-9a-f]{32}/, other)],
    ['no hash', () => main.replace(/[0-9a-f]{32}\//, '')],
    ['a folder', () => prefix],
    ['what is above', () => `${prefix}dashboard/browser/../../main.js`],
    ['what is above, though it would lead back', () => `${prefix}dashboard/../dashboard/browser/main.js`],
    ['an encoded slash', () => main.replace('browser/', 'browser%2f')],
    ['an encoded dot', () => main.replace('main.js', 'main%2ejs')],
    ['a source map', () => `${main}.map`],
    ['a declaration', () => main.replace('.js', '.d.ts')],
    ['a file by its name', () => `${prefix}package.json`],
    ['a member of every object', () => `${prefix}constructor`],
  ])('%s is not found', (_, path) => {
    expect(assets.find(path())).toBeUndefined();
  });
});

describe('requests', () => {
  const assets = loadAssets({ 'dashboard.css': STYLE });
  const app = new Hono<PageEnv>();
  mountAssets(app, assets);

  test('an asset is answered with its type, to be kept for ever, and not again to who has it', async () => {
    const answer = await app.request(assets.urlOf('main.js'));
    expect(await answer.text()).toBe(assets.find(assets.urlOf('main.js'))?.body);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    const again = await app.request(assets.urlOf('main.js'), {
      headers: { 'If-None-Match': answer.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
  });

  test.each([
    ['gzip, deflate, br, zstd', 'gzip'],
    ['br,gzip', 'gzip'],
    ['gzip;q=0', null],
    ['br', null],
    ['', null],
  ])('whoever accepts “%s” gets it in the encoding %s, under a tag of its own', async (accepted, encoding) => {
    const url = assets.urlOf('main.js');
    const headers = { 'Accept-Encoding': accepted };
    const answer = await app.request(url, { headers });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const content = encoding === null ? bytes : gunzipSync(bytes);
    expect(content.toString()).toBe(assets.find(url)?.body);
    expect(answer.headers.get('content-encoding')).toBe(encoding);
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(answer.headers.get('vary')).toBe('Accept-Encoding');
    const etag = answer.headers.get('etag') ?? '';
    expect(etag === assets.find(url)?.etag).toBe(encoding === null);
    const again = await app.request(url, { headers: { ...headers, 'If-None-Match': etag } });
    expect(again.status).toBe(304);
  });

  test.each([
    '..%2f..%2f..%2fmain.js',
    '../../../main.js',
    '%2e%2e/%2e%2e/main.js',
    'main.js?x=/../main.js',
    'main.js/',
  ])('nothing is found at %s', async (path) => {
    const folder = assets.urlOf('main.js').replace('main.js', '');
    const answer = await app.request(`http://localhost${folder}nested/${path}`);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('cache-control')).toBeNull();
  });
});

describe('in a browser, under the CSP', () => {
  const modules = new Map(collectModules(ENTRIES).map(({ path, source }) => [`/${path}`, source]));
  const PROBE = `
    import { hashLeaf } from './audit/core/hash.js';
    import { rootOfLeaves } from './audit/core/tree.js';
    import { canonicalText } from './audit/core/canonical.js';
    import { sha256 } from './dashboard/browser/verify/hashing.js';
    const leaves = ['a', 'b', 'c'].map((text) => hashLeaf(sha256, new TextEncoder().encode(text)));
    document.title = canonicalText({ root: Array.from(rootOfLeaves(sha256, leaves)), first: 1.50 });`;

  let browser: Browser;
  const server = createServer((request, response) => {
    const path = posix.normalize(request.url ?? '');
    const script = path === '/probe.js' ? PROBE : modules.get(path);
    response.setHeader('Content-Security-Policy', "default-src 'none'; script-src 'self'");
    if (path === '/') {
      response.setHeader('Content-Type', 'text/html');
      response.end('<!doctype html><script type="module" src="/probe.js"></script>');
    } else if (script === undefined) {
      response.writeHead(404).end();
    } else {
      response.setHeader('Content-Type', 'text/javascript; charset=utf-8');
      response.end(script);
    }
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser.close();
    server.close();
  });

  test('the mathematics of the audit log comes to the result that it has in the service', async () => {
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { page, expectClean } = await newVisitor(browser, { baseUrl });
    await page.goto('/');
    await page.waitForFunction('document.title !== ""', undefined, { timeout: 5_000 }).catch(() => {});
    await expectClean();
    const leaves = ['a', 'b', 'c'].map((text) => hashLeaf(sha256, Buffer.from(text)));
    const root = [...rootOfLeaves(sha256, leaves)];
    expect(await page.title()).toBe(`{"first":1.5,"root":${JSON.stringify(root)}}`);
  });
});
