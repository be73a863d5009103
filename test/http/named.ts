import { describe, expect, test } from 'vitest';
import type { TestAnswer } from '../support/answer.ts';
import { nextMillisecond } from '../support/clock.ts';
import { addPerson } from '../support/people.ts';
import type { TestService, TestWorkspace } from '../support/service.ts';

/** What one of roles, groups and projects has of its own. */
export interface NamedRoutes {
  readonly path: '/v1/roles' | '/v1/groups' | '/v1/projects';
  readonly word: 'role' | 'group' | 'project';
  /** Fields that a new one needs beside its name. */
  readonly fields: object;
  readonly needsStepUp: boolean;
}

/** Calls with the live key of `workspace`. */
export function callsOf(service: TestService, workspace: TestWorkspace) {
  return (method: string, path: string, json?: unknown, headers: Record<string, string> = {}): Promise<TestAnswer> =>
    service.call(method, path, {
      secret: workspace.live.secret,
      ...(json !== undefined && { json }),
      headers,
    });
}

/** The tests that roles, groups and projects pass alike. */
export function testNamed(service: TestService, { path, word, fields, needsStepUp }: NamedRoutes): void {
  const inUse = async (name: string) => {
    const workspace = await service.addWorkspace(name);
    return { workspace, call: callsOf(service, workspace) };
  };

  describe(`every ${word}`, () => {
    test('is created, read, changed and deleted, each with its revision and its event', async () => {
      const { workspace, call } = await inUse('crud');
      const created = await call('POST', path, { name: 'one', ...fields });
      expect(created).toMatchObject({
        status: 201,
        body: { name: 'one', description: null, created_by: workspace.live.id, ...fields },
      });
      expect(created.headers.get('etag')).toBe('"1"');
      const own = `${path}/${created.body.id}`;
      expect((await call('GET', own)).body).toEqual(created.body);
      const changed = await call('PATCH', own, { name: 'two', description: 'of Ada' }, { 'if-match': '"1"' });
      expect(changed).toMatchObject({ status: 200, body: { id: created.body.id, name: 'two', description: 'of Ada' } });
      expect(changed.headers.get('etag')).toBe('"2"');
      const cleared = await call('PATCH', own, { description: null });
      expect(cleared.body).toMatchObject({ name: 'two', description: null });
      expect([200, 204]).toContain((await call('DELETE', own)).status);
      for (const method of ['GET', 'DELETE']) expect((await call(method, own)).status).toBe(404);
      expect((await call('PATCH', own, { name: 'three' })).status).toBe(404);

      const { body } = await call('GET', `/v1/audit-log?action=${word}.*`);
      expect(body.data.map(({ action }: { action: string }) => action)).toEqual(
        ['deleted', 'updated', 'updated', 'created'].map((verb) => `${word}.${verb}`),
      );
      expect(body.data[2]).toMatchObject({
        targets: [{ type: word, id: created.body.id, name: 'two' }],
        changes: [
          { field: 'name', old: 'one', new: 'two' },
          { field: 'description', old: null, new: 'of Ada' },
        ],
      });
    });

    test('that is told what is so already keeps its revision and leaves no event', async () => {
      const { call } = await inUse('same');
      const { body } = await call('POST', path, { name: 'one', ...fields });
      for (const json of [{}, { name: 'one' }, { description: null, ...fields }]) {
        const answer = await call('PATCH', `${path}/${body.id}`, json);
        expect(answer).toMatchObject({ status: 200, body });
        expect(answer.headers.get('etag')).toBe('"1"');
      }
      expect((await call('GET', `/v1/audit-log?action=${word}.updated`)).body.data).toEqual([]);
    });

    test('is not changed by who has read another state', async () => {
      const { call } = await inUse('stale');
      const { body } = await call('POST', path, { name: 'one', ...fields });
      const stale = await call('PATCH', `${path}/${body.id}`, { name: 'two' }, { 'if-match': '"2"' });
      expect(stale.status).toBe(412);
      expect((await call('GET', `${path}/${body.id}`)).body).toEqual(body);
    });

    test('has a name of its own, whoever else wants it at the same time', async () => {
      const { call } = await inUse('twins');
      const creations = Array.from({ length: 8 }, () => call('POST', path, { name: 'twin', ...fields }));
      const statuses = (await Promise.all(creations)).map(({ status }) => status);
      expect(statuses.sort()).toEqual([201, ...Array(7).fill(409)]);
      const ids = await Promise.all(
        ['a', 'b', 'c'].map(async (name) => (await call('POST', path, { name, ...fields })).body.id),
      );
      const renamings = await Promise.all(ids.map((id) => call('PATCH', `${path}/${id}`, { name: 'wanted' })));
      expect(renamings.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
      expect(renamings.find(({ status }) => status === 409)?.body.message).toContain('of that name');
      const { call: elsewhere } = await inUse('neighbours');
      expect((await elsewhere('POST', path, { name: 'twin', ...fields })).status).toBe(201);
    });

    test('is created once per Idempotency-Key', async () => {
      const { call } = await inUse('once');
      const headers = { 'idempotency-key': 'the-very-same-key' };
      const first = await call('POST', path, { name: 'one', ...fields }, headers);
      const again = await call('POST', path, { name: 'one', ...fields }, headers);
      expect(again).toMatchObject({ status: 201, body: first.body });
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      expect((await call('POST', path, { name: 'two', ...fields }, headers)).status).toBe(422);
      expect((await call('GET', path)).body.data).toHaveLength(1);
    });

    test('is listed newest first, in pages, by a part of its name', async () => {
      const { call } = await inUse('lists');
      const names = ['a-north', 'b_north', 'c-south', 'd-north', 'e-north'];
      for (const name of names) {
        await call('POST', path, { name, ...fields });
        await nextMillisecond();
      }
      expect(await listAll(call, `${path}?limit=2`)).toEqual(names.toReversed());
      expect(await listAll(call, `${path}?limit=2&name=NORTH`)).toEqual(['e-north', 'd-north', 'b_north', 'a-north']);
      // Not a pattern.
      expect(await listAll(call, `${path}?limit=2&name=_`)).toEqual(['b_north']);
      const { next_cursor: cursor } = (await call('GET', `${path}?limit=2`)).body;
      for (const query of [`name=north&cursor=${cursor}`, `cursor=${cursor}x`]) {
        expect((await call('GET', `${path}?${query}`)).status).toBe(400);
      }
      const { call: elsewhere } = await inUse('other lists');
      expect((await elsewhere('GET', path)).body).toEqual({ data: [], next_cursor: null });
      expect((await elsewhere('GET', `${path}?cursor=${cursor}`)).status).toBe(400);
    });

    test('does not exist for another workspace', async () => {
      const { call } = await inUse('own');
      const { body } = await call('POST', path, { name: 'one', ...fields });
      const { call: foreign } = await inUse('foreign');
      for (const method of ['GET', 'DELETE']) expect((await foreign(method, `${path}/${body.id}`)).status).toBe(404);
      expect((await foreign('PATCH', `${path}/${body.id}`, { name: 'mine' })).status).toBe(404);
      expect((await call('GET', `${path}/${body.id}`)).body).toEqual(body);
    });

    test('is read, not written, by test keys and by tokens', async () => {
      const { workspace, call } = await inUse('readers');
      const { body } = await call('POST', path, { name: 'one', ...fields });
      const own = `${path}/${body.id}`;
      const reader = await call('POST', '/v1/tokens', { name: 'reader', scopes: ['tokens:write'] });
      for (const secret of [workspace.test.secret, reader.body.secret]) {
        expect((await service.call('GET', own, { secret })).status).toBe(200);
        expect((await service.call('GET', path, { secret })).body.data).toHaveLength(1);
        const json = { name: 'two', ...fields };
        expect((await service.call('POST', path, { secret, json })).status).toBe(403);
        expect((await service.call('PATCH', own, { secret, json })).status).toBe(403);
        expect((await service.call('DELETE', own, { secret })).status).toBe(403);
      }
    });

    test('is read by every member, and written by those who manage the workspace', async () => {
      const { workspace, call } = await inUse('people');
      const { body } = await call('POST', path, { name: 'one', ...fields });
      const own = `${path}/${body.id}`;
      for (const access of ['owner', 'admin', 'member', 'auditor'] as const) {
        const { secret } = await addPerson(service, workspace, { access, authenticatedSecondsAgo: 60 });
        const isManager = access === 'owner' || access === 'admin';
        expect((await service.call('GET', own, { secret })).status).toBe(200);
        const answer = await service.call('PATCH', own, { secret, json: { description: access } });
        expect(answer.status).toBe(isManager ? 200 : 403);
      }
      const { secret } = await addPerson(service, workspace, { access: 'owner', authenticatedSecondsAgo: 3600 });
      const late = await service.call('PATCH', own, { secret, json: { description: 'late' } });
      expect(late.status).toBe(needsStepUp ? 401 : 200);
    });
  });
}

type Call = ReturnType<typeof callsOf>;

/** The names of all there are, page by page. */
async function listAll(call: Call, path: string): Promise<string[]> {
  const names: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = await call('GET', cursor === '' ? path : `${path}&cursor=${cursor}`);
    names.push(...page.body.data.map(({ name }: { name: string }) => name));
    cursor = page.body.next_cursor;
  }
  return names;
}
