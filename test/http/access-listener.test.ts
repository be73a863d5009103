import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createListener } from '../../src/main/listener.ts';
import { createTestDatabase } from '../support/database.ts';
import { addPerson, type Person } from '../support/people.ts';
import { createTestService, type TestWorkspace } from '../support/service.ts';
import { addToken } from './access-walkers.ts';

const service = await createTestService(await createTestDatabase());
const { server } = createListener(service.context);
let workspace: TestWorkspace;
let owner: Person;
let origin: string;

beforeAll(async () => {
  workspace = await service.addWorkspace('home');
  owner = await addPerson(service, workspace, { access: 'owner' });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

async function introspect(authorization: string, headers: Record<string, string> = {}) {
  const { secret } = await addToken(service, workspace.live.secret, { scopes: ['invoices:read'] });
  const response = await fetch(`${origin}/v1/tokens/introspect`, {
    method: 'POST',
    headers: { authorization, ...headers },
    body: new URLSearchParams({ token: secret }),
  });
  return { status: response.status, body: (await response.json()) as { active?: boolean; error?: string } };
}

describe('an access token, which is longer than any other credential', () => {
  it('reaches the service in full, over a connection', async () => {
    expect(owner.secret.length).toBeGreaterThan(300);
    const headers = { authorization: `Bearer ${owner.secret}` };
    const response = await fetch(`${origin}/v1/whoami`, { headers });
    expect(await response.json()).toMatchObject({
      kind: 'member',
      id: owner.id,
      name: owner.name,
      access: 'owner',
      session: owner.sessionId,
      authenticated_at: expect.stringMatching(/Z$/),
      environment: 'live',
      expires_at: null,
    });
  });

  it('introspects for owners and admins, in the environment they name', async () => {
    const bearer = `Bearer ${owner.secret}`;
    expect(await introspect(bearer)).toMatchObject({ status: 200, body: { active: true } });
    const inTest = await introspect(bearer, { 'tooken-environment': 'test' });
    expect(inTest).toMatchObject({ status: 200, body: { active: false } });
    const { secret } = await addPerson(service, workspace, { access: 'auditor' });
    expect((await introspect(`Bearer ${secret}`)).status).toBe(403);
  });

  it('is taken as Bearer only, and one that was cut or lengthened is none', async () => {
    const basic = `Basic ${btoa(`${owner.id}:${owner.secret}`)}`;
    const bad = [basic, `Bearer ${owner.secret.slice(0, -1)}`, `Bearer ${owner.secret}A`, `bearer  ${owner.secret}`];
    for (const authorization of bad) expect((await introspect(authorization)).status).toBe(401);
    // Node itself stops reading at 16 KiB of headers.
    const long = await fetch(`${origin}/v1/whoami`, { headers: { authorization: `Bearer ${'e'.repeat(15_000)}` } });
    expect(long.status).toBe(401);
  });
});
