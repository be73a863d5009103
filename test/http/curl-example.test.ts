import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../src/http/api.ts';
import { renderCurl } from '../../src/http/openapi/curl-example.ts';
import { createDocument } from '../../src/http/openapi/document.ts';
import { outlineOf } from '../../src/http/openapi/outline.ts';
import { mountRoutes } from '../../src/http/routes.ts';
import type { Services } from '../../src/http/services.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestService } from '../support/service.ts';
import { HOSTILE_TEXT, hostileDocument } from './reference-fixture.ts';

const service = await createTestService(await createTestDatabase());
const api = createApi();
mountRoutes(api, {} as Services);
const real = createDocument(api);
let secret: string;

beforeAll(async () => {
  secret = (await service.addWorkspace('examples')).live.secret;
});

/** The arguments that curl would get from a shell that runs `command`. */
function argumentsOf(command: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  const output = execFileSync('/bin/sh', ['-euc', script], { env: { TOOKEN_API_KEY: secret }, encoding: 'utf8' });
  return output.split('\0').slice(0, -1);
}

interface Request {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
}

/** What curl makes of its arguments, as far as the examples use them. */
function requestOf(args: readonly string[]): Request {
  const request: Request = { method: 'GET', url: '', headers: {} };
  const rest = [...args];
  for (let option = rest.shift(); option !== undefined; option = rest.shift()) {
    if (!option.startsWith('-')) {
      request.url = option;
      continue;
    }
    const value = rest.shift() ?? '';
    if (option === '-X') request.method = value;
    else if (option === '-H') request.headers[value.split(': ', 1)[0] ?? ''] = value.slice(value.indexOf(': ') + 2);
    else if (option === '-d') request.body = value;
    else if (option === '--data-urlencode') request.body = encodeForm(request.body, value);
    else throw new Error(`${option} is not an option that the examples use`);
  }
  if (request.body !== undefined && request.method === 'GET') request.method = 'POST';
  if (args.includes('--data-urlencode')) request.headers['Content-Type'] = 'application/x-www-form-urlencoded';
  return request;
}

function encodeForm(body: string | undefined, pair: string): string {
  const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
  return [...(body === undefined ? [] : [body]), `${name}=${encodeURIComponent(value)}`].join('&');
}

describe('the curl example of every operation', () => {
  const placed = outlineOf(real).flatMap((group) => group.operations);

  it.each(placed.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
    'is a well-formed request: %s',
    async (_, operation) => {
      const { method, url, headers, body } = requestOf(argumentsOf(renderCurl(real, operation)));
      expect(method).toBe(operation.method.toUpperCase());
      const { pathname, search } = new URL(url);
      const options = { headers, ...(body !== undefined && { body }) };
      const answer = await service.call(method, pathname + search, options);
      expect([200, 201, 204, 404], answer.text).toContain(answer.status);
      if (answer.status === 404) expect(pathname).toMatch(/_01kav3c4r8e0jbwn7sgm5zkqd2|:/);
    },
  );
});

describe('hostile text in an example', () => {
  it('reaches curl as it is, and nothing of it is run by the shell', () => {
    const [operation] = outlineOf(hostileDocument).flatMap((group) =>
      group.operations.filter(({ path, method }) => path === '/things/{thing}' && method === 'get'),
    );
    if (operation === undefined) throw new Error('the fixture has lost its operation');
    const { url, headers } = requestOf(argumentsOf(renderCurl(hostileDocument, operation)));
    expect(url).toContain(`https://elsewhere.example/things/${encodeURIComponent(HOSTILE_TEXT)}?`);
    expect(headers['X-Thing']).toBe(HOSTILE_TEXT);
  });
});
