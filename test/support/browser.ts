import { type Browser, type BrowserContext, chromium, type Page, type Request } from 'playwright-core';
import { expect } from 'vitest';
import { findChromium } from './browser-binary.ts';

/** Root may run it, and it talks to nobody but the service. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A real Chromium, without a window. One for a file of tests does; whoever opens it closes it. */
export async function openBrowser(): Promise<Browser> {
  const { executablePath, env } = await findChromium();
  return chromium.launch({ executablePath, env: { ...process.env, ...env }, args: FLAGS });
}

interface VisitorOptions {
  /** Where `page.goto('/path')` leads. */
  readonly baseUrl: string;
  readonly colorScheme?: 'light' | 'dark';
  /** Of the window, in CSS pixels. */
  readonly width?: number;
  readonly javaScriptEnabled?: boolean;
}

/** Somebody with cookies of their own, and with an eye on whatever goes wrong in any of their pages. */
export interface Visitor {
  readonly page: Page;
  /** Answers with such a status are no problem from now on; else every one of 400 and above is. */
  expectStatus(...statuses: readonly number[]): void;
  /** Everything so far: errors on the console and in scripts, requests that failed, violations of the CSP. */
  problems(): string[];
  /** Waits for the answers to what the page has asked for, then fails with the problems, if there are any. */
  expectClean(): Promise<void>;
}

const HEIGHT = 900;
const PATIENCE_MS = 10_000;

export async function newVisitor(browser: Browser, options: VisitorOptions): Promise<Visitor> {
  const context = await browser.newContext({
    baseURL: options.baseUrl,
    colorScheme: options.colorScheme ?? 'light',
    viewport: { width: options.width ?? 1280, height: HEIGHT },
    javaScriptEnabled: options.javaScriptEnabled ?? true,
  });
  const expectedStatuses = new Set<number>();
  const unanswered = new Set<Request>();
  const problems = await watch(context, { expectedStatuses, unanswered });
  const page = await context.newPage();
  return {
    page,
    expectStatus: (...statuses) => {
      for (const status of statuses) expectedStatuses.add(status);
    },
    problems: () => [...problems],
    async expectClean() {
      // What scripts have done until now is known with the answer to this; what servers say comes on a way of its own.
      await page.evaluate('0');
      const urls = () => Array.from(unanswered, (request) => request.url());
      await expect.poll(urls, { message: 'requests without an answer', timeout: PATIENCE_MS }).toEqual([]);
      expect(problems, problems.join('\n')).toEqual([]);
    },
  };
}

interface Watched {
  readonly expectedStatuses: ReadonlySet<number>;
  /** Kept as it is at any time. */
  readonly unanswered: Set<Request>;
}

/** A list that grows with every problem. */
async function watch(context: BrowserContext, { expectedStatuses, unanswered }: Watched): Promise<string[]> {
  const problems: string[] = [];
  await context.addInitScript(REPORT_VIOLATIONS);
  context.on('console', (message) => {
    // Chromium says there, too, that an answer had a status of 400 or above; the answer itself is looked at below.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource: the server responded')) {
      problems.push(`console: ${message.text()}`);
    }
  });
  context.on('weberror', (error) => problems.push(`script: ${error.error().message}`));
  context.on('request', (request) => unanswered.add(request));
  context.on('response', (response) => {
    unanswered.delete(response.request());
    if (response.status() >= 400 && !expectedStatuses.has(response.status())) {
      problems.push(`answer: ${response.status()} to ${response.request().method()} ${response.url()}`);
    }
  });
  context.on('requestfailed', (request) => {
    unanswered.delete(request);
    const reason = request.failure()?.errorText ?? '';
    // A page that is left, or a download that begins, ends requests so.
    if (reason !== 'net::ERR_ABORTED') problems.push(`request: ${reason}: ${request.method()} ${request.url()}`);
  });
  return problems;
}

/** Runs before any script of a page. The console carries it here. */
const REPORT_VIOLATIONS = `addEventListener('securitypolicyviolation', (violation) => {
  console.error('CSP: ' + violation.effectiveDirective + ' refuses ' + violation.blockedURI);
});`;

/** Whether the page is wider than its window. Parts that scroll sideways on their own are not looked at. */
export function overflowsSideways(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth');
}
