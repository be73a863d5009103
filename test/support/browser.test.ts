import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newVisitor, openBrowser, overflowsSideways, type Visitor } from './browser.ts';
import { axeViolations } from './browser-axe.ts';
import { unpackChromium } from './browser-binary.ts';

const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'";

const page = (content: string) =>
  `<!doctype html><html lang="en"><head><title>Page</title><meta name="viewport" content="width=device-width">` +
  `<link rel="stylesheet" href="/style.css"></head><body><main><h1>Page</h1>${content}</main></body></html>`;

const PATHS: Record<string, { type: string; body: string }> = {
  '/clean': { type: 'text/html', body: page('<p>Nothing to see.</p>') },
  '/inline': { type: 'text/html', body: page('<script>document.title = "inline";</script>') },
  '/complaint': { type: 'text/html', body: page('<script src="/complaint.js"></script>') },
  '/complaint.js': { type: 'text/javascript', body: 'console.error("a complaint"); throw new Error("thrown away");' },
  '/call': { type: 'text/html', body: page('<script src="/call.js"></script>') },
  '/call.js': { type: 'text/javascript', body: 'fetch("/nowhere").then(() => { document.title = "called"; });' },
  '/cut': { type: 'text/html', body: page('<script src="/cut.js"></script>') },
  '/cut.js': { type: 'text/javascript', body: 'fetch("/hang-up").catch(() => { document.title = "cut"; });' },
  '/unlabelled': { type: 'text/html', body: page('<form><input name="name"></form>') },
  '/pale': { type: 'text/html', body: page('<p class="pale">Hard to read.</p>') },
  '/wide': { type: 'text/html', body: page('<p class="wide">Far.</p>') },
  '/style.css': { type: 'text/css', body: 'body { background: #fff } .pale { color: #ccc } .wide { width: 500px }' },
};

const server = createServer((request, response) => {
  const found = PATHS[request.url ?? ''];
  if (request.url === '/hang-up') request.socket.destroy();
  else if (found === undefined) response.writeHead(404).end();
  else response.writeHead(200, { 'Content-Type': found.type, 'Content-Security-Policy': CSP }).end(found.body);
});

let browser: Browser;
let baseUrl: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await openBrowser();
});

afterAll(async () => {
  await browser.close();
  server.close();
});

async function visit(path: string, width = 1280): Promise<Visitor> {
  const visitor = await newVisitor(browser, { baseUrl, width });
  await visitor.page.goto(path);
  return visitor;
}

describe('a visitor', () => {
  test('finds nothing wrong with a clean page, whatever its width, colours and scripts', async () => {
    for (const options of [{}, { width: 360 }, { colorScheme: 'dark' }, { javaScriptEnabled: false }] as const) {
      const visitor = await newVisitor(browser, { baseUrl, ...options });
      await visitor.page.goto('/clean');
      await visitor.expectClean();
      expect(await overflowsSideways(visitor.page)).toBe(false);
    }
  });

  test('sees what the CSP refuses', async () => {
    const visitor = await visit('/inline');
    await expect(visitor.expectClean()).rejects.toThrow('CSP: script-src-elem refuses inline');
    expect(await visitor.page.title()).toBe('Page');
  });

  test('sees errors on the console and in scripts', async () => {
    const { problems, expectClean } = await visit('/complaint');
    await expect(expectClean()).rejects.toThrow('thrown away');
    expect(problems()).toEqual(['console: a complaint', 'script: thrown away']);
  });

  test('sees answers that say no, unless they are expected', async () => {
    const visitor = await visit('/call');
    await visitor.page.waitForFunction('document.title === "called"');
    await expect(visitor.expectClean()).rejects.toThrow('404');
    expect(visitor.problems()).toEqual([`answer: 404 to GET ${baseUrl}/nowhere`]);

    const calm = await newVisitor(browser, { baseUrl });
    calm.expectStatus(404);
    await calm.page.goto('/call');
    await calm.page.waitForFunction('document.title === "called"');
    await calm.expectClean();
  });

  test('sees requests that get no answer', async () => {
    const visitor = await visit('/cut');
    await visitor.page.waitForFunction('document.title === "cut"');
    await expect(visitor.expectClean()).rejects.toThrow('net::ERR_');
    expect(visitor.problems()).toContainEqual(expect.stringMatching(/^request: net::ERR_\w+: GET .*\/hang-up$/));
  });

  test('sees that a page is wider than its window', async () => {
    expect(await overflowsSideways((await visit('/wide', 360)).page)).toBe(true);
    expect(await overflowsSideways((await visit('/wide', 1280)).page)).toBe(false);
  });
});

describe('axe', () => {
  test('finds nothing in a clean page', async () => {
    expect(await axeViolations((await visit('/clean')).page)).toEqual([]);
  });

  test('names rule, element and remedy', async () => {
    const { page: form } = await visit('/unlabelled');
    expect(await axeViolations(form)).toEqual([expect.stringMatching(/^label: input: Fix any of the following: .+$/)]);
    const { page: pale } = await visit('/pale');
    expect(await axeViolations(pale)).toEqual([expect.stringMatching(/^color-contrast: p: .*contrast of 1\.6/)]);
  });

  test('leaves no trace in the page, and its CSP in force', async () => {
    const { page: looked, problems, expectClean } = await visit('/clean');
    await axeViolations(looked);
    expect(await looked.evaluate('typeof axe')).toBe('undefined');
    await expectClean();

    await looked.evaluate(`const late = document.createElement('script');
      late.textContent = 'document.title = "late"';
      document.body.append(late);`);
    expect(await looked.title()).toBe('Page');
    expect(problems()).toContain('console: CSP: script-src-elem refuses inline');
  });
});

test.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'the Chromium that npm brings starts, and has a font',
  async () => {
    const { executablePath, env } = await unpackChromium();
    const packaged = await chromium.launch({ executablePath, env, args: ['--no-sandbox'] });
    try {
      const text = await packaged.newPage();
      await text.setContent('<span>wide</span>');
      expect(await text.evaluate<number>('document.querySelector("span").offsetWidth')).toBeGreaterThan(10);
    } finally {
      await packaged.close();
    }
  },
  30_000,
);
