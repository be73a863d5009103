import { beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../src/http/api.ts';
import { renderCurl } from '../../src/http/openapi/curl-example.ts';
import { createDocument } from '../../src/http/openapi/document.ts';
import { outlineOf } from '../../src/http/openapi/outline.ts';
import { mountRoutes } from '../../src/http/routes.ts';
import type { Services } from '../../src/web/services.ts';
import { curlRequest } from '../support/curl.ts';
import { createTestDatabase } from '../support/database.ts';
import { addPerson } from '../support/people.ts';
import { createTestService, type TestWorkspace } from '../support/service.ts';
import { HOSTILE_TEXT, hostileDocument } from './reference-fixture.ts';

const service = await createTestService(await createTestDatabase());
const api = createApi();
mountRoutes(api, {} as Services);
const real = createDocument(api);
let workspace: TestWorkspace;
let secret: string;

beforeAll(async () => {
  workspace = await service.addWorkspace('examples');
  secret = workspace.live.secret;
});

describe('the curl example of every operation', () => {
  const placed = outlineOf(real).flatMap((group) => group.operations);

  it.each(placed.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
    'is a well-formed request: %s',
    async (_name, operation) => {
      // One of its own: some operations end the session that they are called with.
      const owner = await addPerson(service, workspace, { access: 'owner' });
      const { method, url, headers, body } = curlRequest(renderCurl(real, operation), {
        TOOKEN_API_KEY: secret,
        TOOKEN_ACCESS_TOKEN: owner.secret,
      });
      expect(method).toBe(operation.method.toUpperCase());
      const { pathname, search } = new URL(url);
      const options = { headers, ...(body !== undefined && { body }) };
      const answer = await service.call(method, pathname + search, options);
      // No example has a password, code or link that is anybody's.
      if (answer.status === 401) return expect(answer.body.error).toBe('invalid_credentials');
      // Who calls has no second factor to change.
      if (answer.status === 409) return expect(operation.path).toContain('/totp');
      expect([200, 201, 202, 204, 404], answer.text).toContain(answer.status);
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
