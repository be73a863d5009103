import { ACCESS_LEVELS, type AccessLevel } from '../../src/identity/access-level.ts';
import { RESERVED_SCOPES } from '../../src/identity/scopes.ts';
import { idToUuid, type MemberId, type TokenId, type WorkspaceId } from '../../src/lib/ids.ts';
import { addPerson, IN_TEST, type Person } from '../support/people.ts';
import type { TestKey, TestService } from '../support/service.ts';

type Environment = 'live' | 'test';
const ENVIRONMENTS: readonly Environment[] = ['live', 'test'];

/** Somebody who calls, with all that the table of rights asks about. */
export interface Walker {
  readonly name: string;
  readonly kind: 'api_key' | 'token' | 'member';
  readonly secret: string;
  readonly headers?: Record<string, string>;
  readonly environment: Environment;
  /** Of a token. */
  readonly scope?: string;
  /** Of a member; of a token, that of its owner, if it has one. */
  readonly access?: AccessLevel;
  /** Of a member: whether it proved who it is long ago. */
  readonly isStale?: boolean;
}

/** One scope at a time: those that open something here, and one that does not. */
const SCOPES = [...RESERVED_SCOPES, 'invoices:write'];

/** A second more than a proof of who somebody is lasts. */
const LONG_AGO_SECONDS = 601;

interface Home {
  readonly id: WorkspaceId;
  readonly live: TestKey;
  readonly test: TestKey;
}

/** Both API keys, and a token of each scope in each environment: the workspace's own, and one of a member of each level. */
export async function addCredentials(service: TestService, home: Home): Promise<Walker[]> {
  const owners: Person[] = [];
  for (const access of ACCESS_LEVELS) owners.push(await addPerson(service, home, { access, scopes: SCOPES }));
  const walkers: Walker[] = [];
  for (const environment of ENVIRONMENTS) {
    const key = home[environment].secret;
    walkers.push({ name: `${environment} key`, kind: 'api_key', secret: key, environment });
    for (const scope of SCOPES) {
      for (const owner of [undefined, ...owners]) {
        const { secret } = await addToken(service, key, { scopes: [scope], owner: owner?.id });
        const name = `${environment} token with ${scope}${owner === undefined ? '' : ` of an ${owner.access}`}`;
        const access = owner && { access: owner.access };
        walkers.push({ name, kind: 'token', secret, environment, scope, ...access });
      }
    }
  }
  return walkers;
}

/** A member of each level in each environment, who has just proved who it is, and one who did so long ago. */
export async function addPeople(service: TestService, home: Pick<Home, 'id'>): Promise<Walker[]> {
  const walkers: Walker[] = [];
  for (const access of ACCESS_LEVELS) {
    for (const isStale of [false, true]) {
      const authenticatedSecondsAgo = isStale ? LONG_AGO_SECONDS : 0;
      for (const environment of ENVIRONMENTS) {
        const { secret } = await addPerson(service, home, { access, authenticatedSecondsAgo, scopes: SCOPES });
        const headers = environment === 'test' ? IN_TEST : {};
        const name = `${isStale ? 'stale' : 'fresh'} ${access} in ${environment}`;
        walkers.push({ name, kind: 'member', secret, headers, environment, access, isStale });
      }
    }
  }
  return walkers;
}

/** Issues a token as `key`, and hands it to `owner` if there is one. */
export async function addToken(
  service: TestService,
  key: string,
  { scopes, owner }: { readonly scopes: readonly string[]; readonly owner?: MemberId | undefined },
): Promise<{ readonly id: TokenId; readonly secret: string }> {
  const { status, body } = await service.call('POST', '/v1/tokens', { secret: key, json: { name: 'walker', scopes } });
  if (status !== 201) throw new Error(`no token: ${JSON.stringify(body)}`);
  if (owner !== undefined) {
    const sql = service.context.db.$client;
    await sql`update tokens set owner_id = ${idToUuid(owner)} where id = ${idToUuid(body.token.id)}`;
  }
  return { id: body.token.id, secret: body.secret };
}
