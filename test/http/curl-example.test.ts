import { beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS, type OperationAccess } from '../../src/http/access.ts';
import { createApi } from '../../src/http/api.ts';
import { renderCurl } from '../../src/http/openapi/curl-example.ts';
import { createDocument } from '../../src/http/openapi/document.ts';
import { outlineOf } from '../../src/http/openapi/outline.ts';
import { mountRoutes } from '../../src/http/routes.ts';
import type { Services } from '../../src/http/services.ts';
import { curlRequest } from '../support/curl.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestService } from '../support/service.ts';
import { HOSTILE_TEXT, hostileDocument } from './reference-fixture.ts';

const service = await createTestService(await createTestDatabase());
const api = createApi();
mountRoutes(api, {} as Services);
const real = createDocument(api);
/** Whose guards let nobody pass who has no session. */
const forPeople = Object.values<OperationAccess>(OPERATIONS)
  .filter(({ apiKey }) => apiKey === 'never')
  .map(({ method, path }) => `${method} ${path}`);
let secret: string;

beforeAll(async () => {
  secret = (await service.addWorkspace('examples')).live.secret;
});

describe('the curl example of every operation', () => {
  const placed = outlineOf(real).flatMap((group) => group.operations);

  it.each(placed.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
    'is a well-formed request: %s',
    async (name, operation) => {
      const { method, url, headers, body } = curlRequest(renderCurl(real, operation), { TOOKEN_API_KEY: secret });
      expect(method).toBe(operation.method.toUpperCase());
      const { pathname, search } = new URL(url);
      const options = { headers, ...(body !== undefined && { body }) };
      const answer = await service.call(method, pathname + search, options);
      if (forPeople.includes(name))
        return expect([answer.status, JSON.parse(body ?? '')]).toEqual([403, expect.anything()]);
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
    const { url, headers } = curlRequest(renderCurl(hostileDocument, operation), { TOOKEN_API_KEY: secret });
    expect(url).toContain(`https://elsewhere.example/things/${encodeURIComponent(HOSTILE_TEXT)}?`);
    expect(headers['X-Thing']).toBe(HOSTILE_TEXT);
  });
});
