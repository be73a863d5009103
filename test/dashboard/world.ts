import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { inTransaction } from '../../src/db/connection.ts';
import type { AccessLevel } from '../../src/identity/access-level.ts';
import { beginSession } from '../../src/identity/sessions/begin.ts';
import { createListener } from '../../src/main/listener.ts';
import { newVisitor, openBrowser, overflowsSideways, type Visitor } from '../support/browser.ts';
import { axeViolations } from '../support/browser-axe.ts';
import { createTestDatabase } from '../support/database.ts';
import { addPerson, type Person } from '../support/people.ts';
import { createTestService, type TestService, type TestWorkspace } from '../support/service.ts';

/** A member with a browser that is signed in. */
export interface BrowsingPerson extends Person {
  /** The value of its session cookie. */
  readonly cookie: string;
}

export interface VisitOptions {
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
  readonly javaScriptEnabled?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export const SESSION_COOKIE = 'tooken_session';

type ServiceOverrides = Parameters<typeof createTestService>[2];

/** The service behind a port of this machine, a workspace, and a real browser; all of it ends with the test file. */
export async function createDashboardWorld(env: Record<string, string> = {}, overrides: ServiceOverrides = {}) {
  const service = await createTestService(await createTestDatabase(), env, overrides);
  const url = await listen(service);
  const workspace = await service.addWorkspace('Northwind');
  let opened: Promise<Browser> | undefined;
  const browser = () => {
    opened ??= openBrowser();
    return opened;
  };
  afterAll(async () => (await opened)?.close());

  /** A member of the workspace whose browser is signed in, without the work that signing in takes. */
  async function addBrowsing(
    access: AccessLevel,
    options: { scopes?: readonly string[]; authenticatedSecondsAgo?: number; workspace?: TestWorkspace } = {},
  ): Promise<BrowsingPerson> {
    const { authenticatedSecondsAgo = 0 } = options;
    const { context } = service;
    const person = await addPerson(service, options.workspace ?? workspace, { access, ...options });
    const origin = { id: 'test', method: 'POST', route: '/sign-in', ip: '127.0.0.1', userAgent: 'test' };
    const { cookie, sessionId } = await inTransaction(context.db, (tx) =>
      beginSession(tx, context, { member: { ...person, generation: 1 }, kind: 'browser', origin }),
    );
    await context.db.$client`
      update sessions set authenticated_at = authenticated_at - make_interval(secs => ${authenticatedSecondsAgo})
      where cookie_digest = ${context.digest(cookie)}`;
    return { ...person, cookie, sessionId };
  }

  /** A window in which `person` is signed in, or nobody. */
  async function visit(person: BrowsingPerson | undefined, options: VisitOptions = {}): Promise<Visitor> {
    const visitor = await newVisitor(await browser(), { baseUrl: url, ...options });
    if (person !== undefined) {
      await visitor.page.context().addCookies([{ name: SESSION_COOKIE, value: person.cookie, url }]);
    }
    return visitor;
  }

  /** Asks for a page, or sends a form, as a browser would that never leaves this host; redirects are not followed. */
  async function ask(
    path: string,
    {
      cookie,
      form,
      headers = {},
    }: { cookie?: string; form?: Record<string, string>; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const response = await fetch(new URL(path, url), {
      method: form === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        ...(cookie !== undefined && { cookie }),
        ...(form !== undefined && { origin: url, 'sec-fetch-site': 'same-origin' }),
        ...headers,
      },
      ...(form !== undefined && { body: new URLSearchParams(form) }),
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  }

  return { service, url, workspace, addBrowsing, visit, ask, cookieOf };
}

export type DashboardWorld = Awaited<ReturnType<typeof createDashboardWorld>>;

const cookieOf = ({ cookie }: BrowsingPerson) => `${SESSION_COOKIE}=${cookie}`;

/** What forms of a page carry. */
export function csrfIn(html: string): string {
  return /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
}

/** A page is as it has to be: nothing on the console, nothing refused, nothing for axe, and no wider than its window. */
export async function expectFine({ page, expectClean }: Visitor): Promise<void> {
  await expectClean();
  expect(await axeViolations(page), page.url()).toEqual([]);
  expect(await overflowsSideways(page), `${page.url()} is wider than its window`).toBe(false);
}

async function listen({ context }: TestService): Promise<string> {
  const { server } = createListener(context);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
