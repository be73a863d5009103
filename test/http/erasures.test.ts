import { beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../src/http/api.ts';
import { renderError } from '../../src/http/errors.ts';
import { mountAuditErasures } from '../../src/http/routes/audit-erasures.ts';
import type { Principal } from '../../src/identity/principal.ts';
import { idToUuid } from '../../src/lib/ids.ts';
import { toServiceError } from '../../src/web/failure.ts';
import { readAnswer } from '../support/answer.ts';
import { createTestDatabase } from '../support/database.ts';
import { addPerson } from '../support/people.ts';
import { createTestService, type TestWorkspace } from '../support/service.ts';

const service = await createTestService(await createTestDatabase());
let workspace: TestWorkspace;
let other: TestWorkspace;

beforeAll(async () => {
  workspace = await service.addWorkspace('home');
  other = await service.addWorkspace('other');
});

const PATH = '/v1/audit-log/erasures';
const source = (id: string) => ({ subject: { type: 'source', id } });
const request = { id: 'req-1', method: 'POST', route: PATH, ip: '198.51.100.1', userAgent: 'curl' };

/** The route behind guards that have let `principal` pass. */
async function erase(json: unknown, principal: Principal = personIn(workspace)) {
  const api = createApi();
  api.onError((error, c) => renderError(c, toServiceError(error)));
  api.use(async (c, next) => {
    c.set('requestId', request.id);
    c.set('caller', { principal, request });
    await next();
  });
  mountAuditErasures(api, service.context);
  const headers = { 'content-type': 'application/json' };
  return readAnswer(await api.request(PATH, { method: 'POST', headers, body: JSON.stringify(json) }));
}

const personIn = ({ id }: TestWorkspace): Principal => ({ kind: 'system', workspaceId: id, environment: 'live' });

async function shown(ip: string, { live }: TestWorkspace = workspace): Promise<number> {
  const { body } = await service.call('GET', `/v1/audit-log?ip=${ip}`, { secret: live.secret });
  return body.data.length;
}

const issueFrom = (address: string, { live } = workspace) =>
  service.call('POST', '/v1/tokens', { secret: live.secret, address, json: { name: 'deploy', scopes: ['a:read'] } });

describe('an erasure', () => {
  it('takes an address out of the log of the workspace, and is in that log itself', async () => {
    for (const home of [workspace, other]) await issueFrom('192.0.2.1', home);
    const { status, body } = await erase({ ...source('192.0.2.1'), reason: 'asked for' });
    expect([status, body]).toEqual([
      200,
      {
        events: expect.any(Number),
        payloads: expect.any(Number),
        usage_rows: expect.any(Number),
        request_rows: expect.any(Number),
        event_ids: [expect.anything()],
      },
    ]);
    expect(body.events).toBeGreaterThan(0);
    expect([await shown('192.0.2.1'), await shown('192.0.2.1', other)]).toEqual([0, 1]);
    const { body: event } = await service.call('GET', `/v1/audit-log/${body.event_ids[0]}`, {
      secret: workspace.live.secret,
    });
    expect(event).toMatchObject({
      action: 'personal_data.erased',
      note: 'asked for',
      targets: [{ type: 'source', id: 'erased' }],
      source: { ip: '198.51.100.1' },
      request: { route: PATH },
    });
    expect(JSON.stringify(event)).not.toContain('192.0.2.1');
  });

  it.each([
    [{}, 'subject'],
    [source('nowhere'), 'subject.id'],
    [{ subject: { type: 'source', id: '192.0.2.1', ip: '192.0.2.1' } }, 'subject.ip'],
    [{ subject: { type: 'person', id: 'Jane' } }, 'subject.type'],
    [{ ...source('192.0.2.1'), reason: 'x'.repeat(1_025) }, 'reason'],
    [{ ...source('192.0.2.1'), reason: 'of 192.0.2.1' }, 'reason'],
    [{ ...source('192.0.2.1'), workspace: 'ws_1' }, 'workspace'],
  ])('refuses %j', async (json, path) => {
    const { status, body } = await erase(json);
    expect([status, body.details[0].path]).toEqual([422, path]);
  });

  it('is for people: the guards let no API key and no token through, and neither does the service', async () => {
    await issueFrom('192.0.2.2');
    const { body: token } = await issueFrom('192.0.2.2');
    for (const secret of [workspace.live.secret, token.secret]) {
      const { status, body } = await service.call('POST', PATH, { secret, json: source('192.0.2.2') });
      expect([status, body.error]).toEqual([403, 'forbidden']);
      expect(body.message).toContain('owners and admins');
    }
    const key: Principal = {
      kind: 'api_key',
      id: workspace.live.id,
      name: 'live',
      workspaceId: workspace.id,
      environment: 'live',
      expiresAt: null,
    };
    expect(await erase(source('192.0.2.2'), key)).toMatchObject({ status: 403 });
    expect(await shown('192.0.2.2')).toBeGreaterThan(0);
  });

  it('is done by owners and admins who have just proved who they are, and shows as theirs', async () => {
    for (const access of ['owner', 'admin'] as const) {
      await issueFrom('192.0.2.3');
      const { id, secret } = await addPerson(service, workspace, { access });
      const { status, body } = await service.call('POST', PATH, { secret, json: source('192.0.2.3') });
      expect(status).toBe(200);
      expect(await shown('192.0.2.3')).toBe(0);
      const event = await service.call('GET', `/v1/audit-log/${body.event_ids[0]}`, { secret });
      expect(event.body.actor).toMatchObject({ type: 'member', id });
    }
  });

  it('is refused to other members, and to those who proved who they are too long ago', async () => {
    await issueFrom('192.0.2.4');
    const ask = async (person: Parameters<typeof addPerson>[2]) => {
      const { secret } = await addPerson(service, workspace, person);
      const { status, body } = await service.call('POST', PATH, { secret, json: source('192.0.2.4') });
      return [status, body.error];
    };
    for (const access of ['member', 'auditor'] as const) expect(await ask({ access })).toEqual([403, 'forbidden']);
    expect(await ask({ access: 'owner', authenticatedSecondsAgo: 601 })).toEqual([
      401,
      'insufficient_user_authentication',
    ]);
    expect(await shown('192.0.2.4')).toBeGreaterThan(0);
  });

  it('takes the name of a member out of the log', async () => {
    const ada = await addPerson(service, workspace, { access: 'admin' });
    const json = { name: 'hers', scopes: ['a:read'] };
    const { body: made } = await service.call('POST', '/v1/tokens', { secret: workspace.live.secret, json });
    await service.call('POST', `/v1/tokens/${made.token.id}/revoke`, { secret: ada.secret, json: {} });
    const { secret } = await addPerson(service, workspace, { access: 'owner' });
    const log = async () => (await service.call('GET', `/v1/audit-log?actor=${ada.id}`, { secret })).text;
    expect(await log()).toContain(ada.name);
    await service.call('POST', PATH, { secret, json: { subject: { type: 'member', id: ada.id } } });
    expect(await log()).not.toContain(ada.name);
    expect(await log()).toContain(ada.id);
  });

  it.each([
    ['the address', (address: string) => ({ type: 'source', id: address })],
    ['the member', (_address: string, id: string) => ({ type: 'member', id })],
  ])('takes where a session was last seen out of it, by %s, in its workspace alone', async (_whose, subjectOf) => {
    const address = '192.0.2.9';
    const sql = service.context.db.$client;
    const [here, there] = [
      await addPerson(service, workspace, { access: 'owner' }),
      await addPerson(service, other, { access: 'owner' }),
    ];
    for (const { sessionId } of [here, there]) {
      await sql`
        update sessions set last_seen_from = ${address}, user_agent = 'curl' where id = ${idToUuid(sessionId)}`;
    }
    const seen = async ({ secret }: typeof here) => {
      const { body } = await service.call('GET', '/v1/auth/sessions', { secret });
      return [body.data[0].last_seen_from, body.data[0].user_agent];
    };
    const json = { subject: subjectOf(address, here.id) };
    expect((await service.call('POST', PATH, { secret: here.secret, json })).status).toBe(200);
    expect(await seen(here)).toEqual([null, null]);
    expect(await seen(there)).toEqual([address, 'curl']);
  });
});
