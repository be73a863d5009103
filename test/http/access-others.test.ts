import { beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { addPerson, IN_TEST, type Person } from '../support/people.ts';
import { createTestService } from '../support/service.ts';
import { addYard, fillPath, kindOf, OBJECT_KINDS, type Yard } from './access-objects.ts';
import { expectedOf, MANAGEMENT_OPERATIONS } from './access-table.ts';
import { addToken, type Walker } from './access-walkers.ts';

const database = await createTestDatabase();
const service = await createTestService(database, { TOOKEN_RATE_REQUESTS: 'off' });

let home: Yard;
let foreign: Yard;
/** Members of home beside those of the yard. */
let neighbour: Person;
let auditor: Person;

beforeAll(async () => {
  home = await addYard(service, 'home');
  foreign = await addYard(service, 'foreign');
  const scopes = ['invoices:read', 'tokens:write'];
  neighbour = await addPerson(service, home, { access: 'member', scopes });
  auditor = await addPerson(service, home, { access: 'auditor', scopes });
});

const keyOf = (name: string, secret: string, environment: Walker['environment'] = 'live'): Walker => {
  return { name, kind: 'api_key', secret, environment };
};
const personOf = (name: string, { secret, access }: Person, environment: Walker['environment'] = 'live'): Walker => {
  return { name, kind: 'member', secret, access, environment, headers: environment === 'test' ? IN_TEST : {} };
};

/** Those who have nothing to do with what is of home. */
const strangers = () => [
  keyOf('a foreign key', foreign.live.secret),
  keyOf('a foreign test key', foreign.test.secret, 'test'),
  personOf('a foreign owner', foreign.owner),
  personOf('a foreign owner in test', foreign.owner, 'test'),
];
/** Those of home who look at the other environment. */
const elsewhere = () => [
  keyOf('the test key', home.test.secret, 'test'),
  personOf('the owner in test', home.owner, 'test'),
  personOf('the member in test', home.member, 'test'),
];
/** Those of home to whom another member's things are not shown. */
const neighbours = () => [personOf('another member', neighbour)];

/** What a call has to say to come as far as looking for its object. */
const BODIES: Readonly<Record<string, unknown>> = {
  updateToken: { name: 'taken over' },
  reassignToken: { owner: null },
  updateScope: { description: 'taken over' },
  updateRole: { description: 'taken over' },
  updateGroup: { description: 'taken over' },
  updateProject: { description: 'taken over' },
  updateMember: { name: 'taken over' },
};

/** Operations on an event that is of another kind than the one tried: all find the event, and then nothing in it. */
const WITHIN = ['listIntrospectionRecords', 'proveIntrospectionRecord'];

const naming = MANAGEMENT_OPERATIONS.filter(([, access]) => kindOf(access) !== undefined);

describe('what belongs to others', () => {
  it.each(naming)('%s does not find it, and leaves it as it was', async (name, access) => {
    const kind = kindOf(access);
    if (kind === undefined) return;
    const id = await kind.make(service, home);
    const before = await kind.read(service, home, id);
    const call = ({ secret, headers = {} }: Walker) =>
      service.call(access.method.toUpperCase(), fillPath(access, home.id, id), {
        secret,
        headers,
        ...(access.method === 'post' || access.method === 'patch' ? { json: BODIES[name] ?? {} } : {}),
      });
    const others = [
      ...strangers(),
      ...(kind.belongsTo.includes('environment') ? elsewhere() : []),
      ...(kind.belongsTo.includes('member') ? neighbours() : []),
    ];
    let reached = 0;
    for (const other of others) {
      const { status, body, text } = await call(other);
      const verdict = expectedOf(access, other);
      if (verdict === 'allowed') reached += 1;
      const expected = verdict === 'allowed' ? [404, 'not_found'] : [403, verdict];
      expect([status, body?.error], `${other.name}: ${text}`).toEqual(expected);
    }
    expect(await kind.read(service, home, id)).toEqual(before);
    expect(reached).toBeGreaterThan(0);
    // The same call by who may: so it was the object that was not found, not a mistake in the path.
    const member = personOf('the member', home.member);
    const isMembersOwn = kind.belongsTo.includes('member') && expectedOf(access, member) === 'allowed';
    const { status, text } = await call(isMembersOwn ? member : personOf('the owner', home.owner));
    if (WITHIN.includes(name)) return expect(text).toContain('token.introspected');
    expect([400, 401, 403, 404, 422], text).not.toContain(status);
    expect(status, text).toBeLessThan(500);
  });

  const lists = MANAGEMENT_OPERATIONS.filter(([, { method, path }]) => method === 'get' && !path.includes('{'));

  it.each(lists.filter(([name]) => name !== 'streamAuditEvents'))('%s holds nothing of it', async (_name, access) => {
    const ids = await Promise.all(OBJECT_KINDS.map(async (kind) => ({ kind, id: await kind.make(service, home) })));
    const idsOf = (belonging?: 'environment' | 'member') =>
      ids.filter(({ kind }) => belonging === undefined || kind.belongsTo.includes(belonging)).map(({ id }) => id);
    const look = async (walkers: readonly Walker[], hidden: readonly string[]) => {
      for (const { name, secret, headers = {} } of walkers) {
        const { text } = await service.call('GET', access.path, { secret, headers });
        for (const id of hidden) expect(text, name).not.toContain(id);
      }
    };
    await look(strangers(), idsOf());
    await look(elsewhere(), idsOf('environment'));
    await look(neighbours(), idsOf('member'));
  });
});

describe('tokens of members', () => {
  it.each(naming.filter(([, { path }]) => path.startsWith('/v1/tokens/{id}')))(
    '%s is done by auditors to none, and by the tokens of others to none',
    async (name, access) => {
      const target = await addToken(service, home.live.secret, { scopes: ['invoices:read'], owner: home.member.id });
      const other = await addToken(service, home.live.secret, { scopes: ['tokens:write'], owner: neighbour.id });
      const json = access.method === 'post' || access.method === 'patch' ? { json: BODIES[name] ?? {} } : {};
      const call = (secret: string) =>
        service.call(access.method.toUpperCase(), fillPath(access, home.id, target.id), { secret, ...json });
      const caller = { name, kind: 'token', secret: other.secret, environment: 'live' } as const;
      const verdict = expectedOf(access, { ...caller, scope: 'tokens:write', access: 'member' });
      expect((await call(other.secret)).status).toBe(verdict === 'allowed' ? 404 : 403);
      expect((await call(auditor.secret)).status).toBe(access.method === 'get' ? 200 : 403);
    },
  );
});

describe('a cursor', () => {
  it.each(['/v1/tokens', '/v1/audit-log'])('of %s opens nothing in another workspace', async (list) => {
    for (let made = 0; made < 2; made += 1) await addToken(service, home.live.secret, { scopes: ['invoices:read'] });
    const { body } = await service.call('GET', `${list}?limit=1`, { secret: home.live.secret });
    const stolen = `${list}?limit=1&cursor=${encodeURIComponent(body.next_cursor)}`;
    expect((await service.call('GET', stolen, { secret: home.live.secret })).status).toBe(200);
    expect((await service.call('GET', stolen, { secret: foreign.live.secret })).status).toBe(400);
    expect((await service.call('GET', stolen, { secret: foreign.owner.secret })).status).toBe(400);
  });
});
