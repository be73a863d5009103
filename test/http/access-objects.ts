import { type Id, idToUuid, newId } from '../../src/lib/ids.ts';
import type { OperationAccess } from '../../src/rights/operation.ts';
import { addPerson, type Person } from '../support/people.ts';
import type { TestService, TestWorkspace } from '../support/service.ts';
import { addToken } from './access-walkers.ts';

/** A workspace with a member of level `member`, to whom belongs what members can own. */
export interface Yard extends TestWorkspace {
  readonly owner: Person;
  readonly member: Person;
}

export async function addYard(service: TestService, name: string): Promise<Yard> {
  const workspace = await service.addWorkspace(name);
  const owner = await addPerson(service, workspace, { access: 'owner', scopes: ['invoices:read', 'tokens:write'] });
  const member = await addPerson(service, workspace, { access: 'member', scopes: ['invoices:read', 'tokens:write'] });
  return { ...workspace, owner, member };
}

/** What a parameter of a path names, and how a test comes by one. */
export interface Kind {
  /** Something well-formed that names nothing. */
  readonly nothing: string;
  /** What the others must not reach it by: API keys and people of the other environment; other members. */
  readonly belongsTo: readonly ('environment' | 'member')[];
  /** Makes one in the live environment, of the member if members can own it; its id as it stands in paths. */
  make(service: TestService, yard: Yard): Promise<string>;
  /** All that the database has of it. */
  read(service: TestService, yard: Yard, id: string): Promise<unknown>;
}

const SUFFIX = '01kav3c4r8e0jbwn7sgm5zkqd2';

const tokens: Kind = {
  nothing: `tkn_${SUFFIX}`,
  belongsTo: ['environment', 'member'],
  make: async (service, { live, member }) =>
    (await addToken(service, live.secret, { scopes: ['invoices:read'], owner: member.id })).id,
  read: ({ context }, _yard, id) => context.db.$client`
    select to_jsonb(t) as token, (select jsonb_agg(s) from token_secrets s where s.token_id = t.id) as secrets
    from tokens t where id = ${uuidOf(id)}`,
};

const apiKeys: Kind = {
  nothing: `key_${SUFFIX}`,
  // People manage the keys of both environments, and keys manage none.
  belongsTo: [],
  make: async (service, { owner }) => {
    const json = { name: 'ci', environment: 'live' };
    return (await service.call('POST', '/v1/api-keys', { secret: owner.secret, json })).body.api_key.id;
  },
  read: ({ context }, _yard, id) => context.db.$client`select to_jsonb(k) from api_keys k where id = ${uuidOf(id)}`,
};

const scopes: Kind = {
  nothing: 'nothing:here',
  belongsTo: [],
  make: async (service, { live }) => {
    const name = `things:${newId('evt', service.context)}`;
    await service.call('POST', '/v1/scopes', { secret: live.secret, json: { name } });
    return name;
  },
  read: ({ context }, { id: workspaceId }, name) => context.db.$client`
    select to_jsonb(s) from scopes s where workspace_id = ${idToUuid(workspaceId)} and name = ${name}`,
};

const auditEvents: Kind = {
  nothing: `evt_${SUFFIX}`,
  belongsTo: ['environment'],
  make: async (service, { live }) => {
    await addToken(service, live.secret, { scopes: ['invoices:read'] });
    const path = '/v1/audit-log?action=token.created&limit=1';
    return (await service.call('GET', path, { secret: live.secret })).body.data[0].id;
  },
  read: ({ context }, _yard, id) => context.db.$client`select to_jsonb(e) from audit_events e where id = ${uuidOf(id)}`,
};

/** What belongs to the whole workspace and is made by its live key. */
function named(path: string, prefix: string, table: string, fields: object): Kind {
  return {
    nothing: `${prefix}_${SUFFIX}`,
    belongsTo: [],
    make: async (service, { live }) => {
      const json = { name: newId('evt', service.context).replace('_', '-'), ...fields };
      const { status, body } = await service.call('POST', path, { secret: live.secret, json });
      if (status !== 201) throw new Error(`nothing made at ${path}: ${JSON.stringify(body)}`);
      return body.id;
    },
    read: ({ context: { db } }, _yard, id) =>
      db.$client`select to_jsonb(t) from ${db.$client(table)} t where id = ${uuidOf(id)}`,
  };
}

const members: Kind = {
  nothing: `usr_${SUFFIX}`,
  belongsTo: [],
  make: async (service, yard) => (await addPerson(service, yard, { access: 'member', scopes: ['invoices:read'] })).id,
  read: ({ context }, _yard, id) => context.db.$client`
    select to_jsonb(m) as member, (select jsonb_agg(s) from sessions s where s.member_id = m.id) as sessions
    from members m where id = ${uuidOf(id)}`,
};

const sessions: Kind = {
  nothing: `ses_${SUFFIX}`,
  belongsTo: ['member'],
  make: async ({ context }, { member }) => {
    const id = newId('ses', context);
    await context.db.$client`
      insert into sessions (id, member_id, generation, kind, created_at, expires_at, authenticated_at, last_seen_at)
      select ${idToUuid(id)}, member_id, generation, kind, created_at, expires_at, authenticated_at, last_seen_at
      from sessions where id = ${idToUuid(member.sessionId)}`;
    return id;
  },
  read: ({ context }, _yard, id) => context.db.$client`select to_jsonb(s) from sessions s where id = ${uuidOf(id)}`,
};

function uuidOf(id: string): string {
  return idToUuid(id as Id<'tkn'>);
}

/** By the path up to the parameter. A path with another one has no place in the walk until it has one here. */
export const KINDS: Readonly<Record<string, Kind>> = {
  '/v1/tokens/': tokens,
  '/v1/api-keys/': apiKeys,
  '/v1/scopes/': scopes,
  '/v1/audit-log/': auditEvents,
  '/v1/roles/': named('/v1/roles', 'role', 'roles', { scopes: ['invoices:read'] }),
  '/v1/groups/': named('/v1/groups', 'grp', 'visibility_groups', {}),
  '/v1/projects/': named('/v1/projects', 'prj', 'projects', {}),
  '/v1/members/': members,
  '/v1/auth/sessions/': sessions,
};

export const OBJECT_KINDS: readonly Kind[] = Object.values(KINDS);

/** Parameters that name nothing of anybody's. */
const PLACES: Readonly<Record<string, string>> = { level: '0', index: 'x999/999', position: '0' };

const PARAMETER = /\{(\w+)\}/;

/** The kind of what an operation is about; undefined if its path names nothing, or the workspace itself. */
export function kindOf({ path }: Pick<OperationAccess, 'path'>): Kind | undefined {
  const parameter = PARAMETER.exec(path)?.[1];
  if (parameter === undefined || parameter === 'workspace') return undefined;
  const kind = KINDS[path.slice(0, path.indexOf('{'))];
  if (kind === undefined) throw new Error(`say in access-objects.ts what {${parameter}} of ${path} names`);
  return kind;
}

/** The path of an operation on the object `id`, or on nothing. */
export function fillPath(access: Pick<OperationAccess, 'path'>, workspace: string, id?: string): string {
  const kind = kindOf(access);
  const about = kind === undefined ? access.path : access.path.replace(PARAMETER, id ?? kind.nothing);
  return about.replaceAll(new RegExp(PARAMETER, 'g'), (_all, name: string) => {
    const value = name === 'workspace' ? workspace : PLACES[name];
    if (value === undefined) throw new Error(`say in access-objects.ts what to put for {${name}} of ${access.path}`);
    return value;
  });
}
