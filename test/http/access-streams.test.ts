import { beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/app.ts';
import { changeMember } from '../../src/identity/members/change.ts';
import { removeMember } from '../../src/identity/members/remove.ts';
import type { Caller } from '../../src/identity/principal.ts';
import { createTestDatabase } from '../support/database.ts';
import { addPerson, type Person } from '../support/people.ts';
import { createTestService, type TestWorkspace } from '../support/service.ts';
import { addToken } from './access-walkers.ts';
import { readBlocks } from './sse.ts';

const service = await createTestService(await createTestDatabase());
const app = createApp(service.context);
let workspace: TestWorkspace;
let operator: Caller;

beforeAll(async () => {
  workspace = await service.addWorkspace('home');
  const request = { id: 'test', method: 'TEST', route: 'test', ip: null, userAgent: null };
  operator = { principal: { kind: 'system', workspaceId: workspace.id, environment: 'live' }, request };
  // An owner who stays: the last one can neither be demoted nor removed.
  await addPerson(service, workspace, { access: 'owner' });
});

const ask = (path: string, secret: string) => app.request(path, { headers: { authorization: `Bearer ${secret}` } });
const issue = () => addToken(service, workspace.live.secret, { scopes: ['invoices:read'] });

/** What ends what a member may see, by each of the ways there are. */
const LOSSES: [string, (person: Person) => Promise<unknown>][] = [
  ['is demoted', ({ id }) => changeMember(service.context, operator, id, { access: 'member' })],
  ['is removed', ({ id }) => removeMember(service.context, operator, id)],
  ['signs out', ({ secret }) => service.call('POST', '/v1/auth/logout', { secret, json: {} })],
];

describe('a long answer to a member', () => {
  it.each(LOSSES)('that is a stream ends before it shows another event when the member %s', async (_how, lose) => {
    const person = await addPerson(service, workspace, { access: 'admin' });
    const stream = readBlocks((await ask('/v1/audit-log/stream', person.secret)).body);
    await issue();
    expect((await stream.nextEvent())?.data.action).toBe('token.created');
    await lose(person);
    await issue();
    expect(await stream.nextEvent()).toMatchObject({ event: 'end', data: { reason: 'access_ended' } });
    expect(await stream.next()).toBeUndefined();
  });

  it.each(LOSSES)('that is an export breaks off when the member %s', async (_how, lose) => {
    const person = await addPerson(service, workspace, { access: 'auditor' });
    const response = await ask('/v1/audit-log/export', person.secret);
    const reader = response.body?.getReader();
    await reader?.read();
    await lose(person);
    const rest = async () => {
      while (!(await reader?.read())?.done);
    };
    await expect(rest()).rejects.toThrow('may not read it any more');
  });

  it('goes on while the member may have it, whatever else becomes of it', async () => {
    const person = await addPerson(service, workspace, { access: 'admin' });
    const stream = readBlocks((await ask('/v1/audit-log/stream?action=token.created', person.secret)).body);
    await stream.next();
    await changeMember(service.context, operator, person.id, { access: 'auditor' });
    const { id } = await issue();
    expect((await stream.nextEvent())?.data.targets[0].id).toBe(id);
    await stream.close();
  });
});

describe("a long answer to a member's token", () => {
  it.each(LOSSES.slice(0, 2))('ends before it shows another event when the member %s', async (_how, lose) => {
    const person = await addPerson(service, workspace, { access: 'admin', scopes: ['audit:read'] });
    const token = await addToken(service, workspace.live.secret, { scopes: ['audit:read'], owner: person.id });
    const stream = readBlocks((await ask('/v1/audit-log/stream', token.secret)).body);
    await stream.next();
    await lose(person);
    await issue();
    expect(await stream.nextEvent()).toMatchObject({ event: 'end', data: { reason: 'access_ended' } });
  });
});
