import { expect } from 'vitest';
import { hotp } from '../../src/identity/totp/hotp.ts';
import { idToUuid } from '../../src/lib/ids.ts';
import { addPerson, type Person } from '../support/people.ts';
import type { TestService, TestWorkspace } from '../support/service.ts';
import type { Taking } from './taking.ts';

const PASSWORD = 'a password that nobody guesses';
const STEP_SECONDS = 30;

/** What takes rights away from members, roles, groups, projects and API keys. */
export function takingFromPeople(service: TestService, workspace: TestWorkspace): readonly Taking[] {
  const { context } = service;
  let made = 0;

  async function call(secret: string, method: string, path: string, json?: unknown) {
    const answer = await service.call(method, path, { secret, json });
    expect([200, 201, 204], `${method} ${path}: ${answer.text}`).toContain(answer.status);
    return answer.body;
  }

  const owner = () => addPerson(service, workspace, { access: 'owner' });
  const byKey = (method: string, path: string, json?: unknown) => call(workspace.live.secret, method, path, json);

  async function make(kind: 'roles' | 'groups' | 'projects', more: object = {}): Promise<string> {
    made += 1;
    return (await byKey('POST', `/v1/${kind}`, { name: `made-${made}`, ...more })).id;
  }

  const makeRole = () => make('roles', { scopes: ['a:read', 'b:read'] });

  /** A group that a member is in. */
  async function makeGroup(): Promise<string> {
    const [group, manager] = [await make('groups'), await owner()];
    const { id } = await addPerson(service, workspace, { access: 'member' });
    await call(manager.secret, 'PATCH', `/v1/members/${id}`, { groups: [group] });
    return group;
  }

  async function withPassword(): Promise<Person> {
    const person = await owner();
    const hash = await context.passwords.hash(PASSWORD);
    await context.db.$client`update members set password_hash = ${hash} where id = ${idToUuid(person.id)}`;
    return person;
  }

  /** Something that an owner does to a member. */
  function toMember(
    operation: Taking['operation'],
    what: string,
    act: (manager: Person, member: Person) => Promise<unknown>,
    before: (manager: Person, member: Person) => Promise<unknown> = async () => {},
  ): Taking {
    const prepare = async () => {
      const [manager, member] = [
        await owner(),
        await addPerson(service, workspace, { access: 'admin', scopes: ['a:read'] }),
      ];
      await before(manager, member);
      return () => act(manager, member);
    };
    return { operation, what, prepare };
  }

  /** Something that is done to what was made for it. */
  function toMade(
    operation: Taking['operation'],
    what: string,
    prepareOne: () => Promise<string>,
    act: (id: string) => Promise<unknown>,
  ): Taking {
    const prepare = async () => {
      const id = await prepareOne();
      return () => act(id);
    };
    return { operation, what, prepare };
  }

  const change =
    (json: object) =>
    (manager: Person, { id }: Person) =>
      call(manager.secret, 'PATCH', `/v1/members/${id}`, json);
  const own = (operation: Taking['operation'], what: string, method: string, path: (person: Person) => string) => ({
    operation,
    what,
    prepare: async () => {
      const person = await owner();
      return () => call(person.secret, method, path(person), method === 'POST' ? {} : undefined);
    },
  });

  async function issueInto(fields: object): Promise<string> {
    return (await byKey('POST', '/v1/tokens', { name: 'fenced', scopes: ['a:read'], ...fields })).token.id;
  }

  async function withKey(act: (manager: Person, id: string) => Promise<unknown>) {
    const manager = await owner();
    const json = { name: 'fenced', environment: 'live' };
    const { id } = (await call(manager.secret, 'POST', '/v1/api-keys', json)).api_key;
    return () => act(manager, id);
  }

  return [
    toMade('updateRole', 'a narrowed role', makeRole, (id) =>
      byKey('PATCH', `/v1/roles/${id}`, { scopes: ['a:read'] }),
    ),
    toMade('updateRole', 'a role that stays as it is', makeRole, (id) =>
      byKey('PATCH', `/v1/roles/${id}`, { scopes: ['a:read', 'b:read'] }),
    ),
    toMade('deleteRole', 'the end of a role', makeRole, (id) => byKey('DELETE', `/v1/roles/${id}`)),
    toMade('updateGroup', 'a renamed group', makeGroup, (id) =>
      byKey('PATCH', `/v1/groups/${id}`, { name: `new-${made}` }),
    ),
    toMade('deleteGroup', 'the end of a group', makeGroup, (id) => byKey('DELETE', `/v1/groups/${id}`)),
    toMade(
      'revokeTokensOfProject',
      'a revocation of all tokens of a project',
      async () => {
        const project = await make('projects');
        await issueInto({ project_id: project });
        return project;
      },
      (id) => byKey('POST', `/v1/projects/${id}/revoke-tokens`, {}),
    ),
    toMade(
      'revokeTokensOfProject',
      'a revocation of the tokens of an empty project',
      () => make('projects'),
      (id) => byKey('POST', `/v1/projects/${id}/revoke-tokens`, {}),
    ),
    toMade(
      'reassignToken',
      'another owner',
      () => issueInto({}),
      async (id) => byKey('POST', `/v1/tokens/${id}/reassign`, { owner: (await owner()).id }),
    ),
    toMade(
      'reassignToken',
      'no owner once more',
      () => issueInto({}),
      (id) => byKey('POST', `/v1/tokens/${id}/reassign`, { owner: null }),
    ),
    toMember('updateMember', 'a demotion', change({ access: 'member' })),
    toMember('updateMember', 'a second demotion', change({ access: 'member' }), change({ access: 'member' })),
    toMember('updateMember', 'the loss of all roles', change({ roles: [] })),
    toMember('removeMember', 'a removal', (manager, { id }) => call(manager.secret, 'DELETE', `/v1/members/${id}`)),
    toMember(
      'removeMember',
      'a second removal',
      async (manager, { id }) => void (await service.call('DELETE', `/v1/members/${id}`, { secret: manager.secret })),
      (manager, { id }) => call(manager.secret, 'DELETE', `/v1/members/${id}`),
    ),
    toMember('endMemberSessions', 'the end of the sessions of a member', (manager, { id }) =>
      call(manager.secret, 'DELETE', `/v1/members/${id}/sessions`),
    ),
    own('signOut', 'signing out', 'POST', () => '/v1/auth/logout'),
    own('endSession', 'the end of a session', 'DELETE', ({ sessionId }) => `/v1/auth/sessions/${sessionId}`),
    own('endAllSessions', 'the end of all sessions', 'DELETE', () => '/v1/auth/sessions'),
    {
      operation: 'changePassword',
      what: 'another password',
      prepare: async () => {
        const { secret } = await withPassword();
        const json = { current_password: PASSWORD, new_password: `${PASSWORD}, changed` };
        return () => call(secret, 'POST', '/v1/auth/password', json);
      },
    },
    {
      operation: 'resetPassword',
      what: 'a password set by a link',
      prepare: async () => {
        const [manager, { id }] = [await owner(), await withPassword()];
        const { link } = await call(manager.secret, 'POST', `/v1/members/${id}/password-reset`, {});
        const json = { token: new URL(link.url).hash.slice(1), password: `${PASSWORD}, reset` };
        return () => service.call('POST', '/v1/auth/password/reset', { json });
      },
    },
    {
      operation: 'disableTotp',
      what: 'the end of a second factor',
      prepare: async () => {
        const { id, secret } = await withPassword();
        await call(secret, 'POST', '/v1/auth/totp', { password: PASSWORD });
        const [row] = await context.db.$client<{ sealed_secret: Buffer }[]>`
          select sealed_secret from member_totp where member_id = ${idToUuid(id)}`;
        const seed = context.secondFactorKeys.openSecret(id, row?.sealed_secret ?? Buffer.alloc(0));
        const step = Math.floor(context.clock.now().getTime() / 1000 / STEP_SECONDS);
        await call(secret, 'POST', '/v1/auth/totp/enable', { code: hotp(seed, step) });
        const json = { password: PASSWORD, code: hotp(seed, step + 1) };
        return () => call(secret, 'DELETE', '/v1/auth/totp', json);
      },
    },
    {
      operation: 'regenerateApiKey',
      what: 'another value of an API key',
      prepare: () => withKey((manager, id) => call(manager.secret, 'POST', `/v1/api-keys/${id}/regenerate`, {})),
    },
    {
      operation: 'deleteApiKey',
      what: 'the end of an API key',
      prepare: () => withKey((manager, id) => call(manager.secret, 'DELETE', `/v1/api-keys/${id}`)),
    },
  ];
}
