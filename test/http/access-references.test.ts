import { beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { addPerson } from '../support/people.ts';
import { createTestService } from '../support/service.ts';
import { addYard, KINDS, type Yard } from './access-objects.ts';
import { addToken } from './access-walkers.ts';

const service = await createTestService(await createTestDatabase());
let home: Yard;
let foreign: Yard;

beforeAll(async () => {
  home = await addYard(service, 'home');
  foreign = await addYard(service, 'foreign');
});

interface Reference {
  readonly method: string;
  readonly path: string;
  readonly json?: object;
}

const TOKEN = { name: 'job', scopes: ['invoices:read'] };
let invited = 0;
const invitation = () => ({ email: `new-${invited++}@example.com`, name: 'New', access: 'member' });

/** Every place where a call names something beside what it is about, by what that is. */
const PLACES: [string, string, (id: string) => Promise<Reference> | Reference][] = [
  ['the role of a new token', 'roles', (role) => ({ method: 'POST', path: '/v1/tokens', json: { ...TOKEN, role } })],
  [
    'the owner of a new token',
    'members',
    (owner) => ({ method: 'POST', path: '/v1/tokens', json: { ...TOKEN, owner } }),
  ],
  [
    'the project of a new token',
    'projects',
    (id) => ({ method: 'POST', path: '/v1/tokens', json: { ...TOKEN, project_id: id } }),
  ],
  ['the role of a token', 'roles', async (role) => ({ method: 'PATCH', path: await token(), json: { role } })],
  [
    'the project of a token',
    'projects',
    async (id) => ({ method: 'PATCH', path: await token(), json: { project_id: id } }),
  ],
  [
    'who a token is given to',
    'members',
    async (owner) => ({ method: 'POST', path: `${await token()}/reassign`, json: { owner } }),
  ],
  [
    'a role of somebody invited',
    'roles',
    (id) => ({ method: 'POST', path: '/v1/members/invitations', json: { ...invitation(), roles: [id] } }),
  ],
  [
    'a group of somebody invited',
    'groups',
    (id) => ({ method: 'POST', path: '/v1/members/invitations', json: { ...invitation(), groups: [id] } }),
  ],
  ['a role of a member', 'roles', async (id) => ({ method: 'PATCH', path: await member(), json: { roles: [id] } })],
  ['a group of a member', 'groups', async (id) => ({ method: 'PATCH', path: await member(), json: { groups: [id] } })],
  ['tokens of a role', 'roles', (id) => ({ method: 'GET', path: `/v1/tokens?role=${id}` })],
  ['tokens of an owner', 'members', (id) => ({ method: 'GET', path: `/v1/tokens?owner=${id}` })],
  ['tokens of a project', 'projects', (id) => ({ method: 'GET', path: `/v1/tokens?project_id=${id}` })],
  ['use of a token', 'tokens', (id) => ({ method: 'GET', path: `/v1/usage?token_id=${id}` })],
  ['events of somebody', 'members', (id) => ({ method: 'GET', path: `/v1/audit-log?actor=${id}` })],
  ['events about something', 'api-keys', (id) => ({ method: 'GET', path: `/v1/audit-log?target=${id}` })],
  ['members of a role', 'roles', (id) => ({ method: 'GET', path: `/v1/members?role=${id}` })],
  ['members of a group', 'groups', (id) => ({ method: 'GET', path: `/v1/members?group=${id}` })],
];

const token = async () => `/v1/tokens/${(await addToken(service, home.live.secret, { scopes: ['invoices:read'] })).id}`;
const member = async () => `/v1/members/${(await addPerson(service, home, { access: 'member' })).id}`;

describe('what is of a foreign workspace', () => {
  it.each(PLACES)('is told from nothing nowhere: %s', async (_what, noun, make) => {
    const kind = KINDS[`/v1/${noun}/`];
    if (kind === undefined) throw new Error(`there is no kind ${noun}`);
    const ask = async (id: string) => {
      const { method, path, json } = await make(id);
      const { status, text } = await service.call(method, path, { secret: home.owner.secret, ...(json && { json }) });
      return { status, text: text.replaceAll(id, 'it') };
    };
    const id = await kind.make(service, foreign);
    const before = await kind.read(service, foreign, id);
    const theirs = await ask(id);
    expect(theirs).toEqual(await ask(kind.nothing));
    // Found nowhere: a list is empty, a change is refused.
    if (theirs.status === 200) expect(theirs.text).toContain('"data":[]');
    else expect([404, 422], theirs.text).toContain(theirs.status);
    expect(await kind.read(service, foreign, id)).toEqual(before);
    // But what is of home is found, so that it was not the call that was wrong.
    const ours = await ask(await kind.make(service, home));
    expect([200, 201], ours.text).toContain(ours.status);
  });
});
