import type { AccessLevel } from '../../src/identity/access-level.ts';
import { idToUuid, type MemberId, newId, type RoleId, type SessionId, type WorkspaceId } from '../../src/lib/ids.ts';
import type { TestService } from './service.ts';

/** A member with a session. `secret` is its access token, for `service.call`. */
export interface Person {
  readonly id: MemberId;
  readonly workspaceId: WorkspaceId;
  readonly access: AccessLevel;
  readonly name: string;
  readonly email: string;
  readonly sessionId: SessionId;
  readonly secret: string;
}

interface PersonOptions {
  readonly access: AccessLevel;
  /** How long ago it last proved who it is; 0 unless given. */
  readonly authenticatedSecondsAgo?: number;
  /** What the one role grants that it is given; it has no role unless there are some. */
  readonly scopes?: readonly string[];
}

/** The header by which people ask for what is of the test environment. */
export const IN_TEST = { 'tooken-environment': 'test' };

/** Everybody's password. */
export const PASSWORD = 'correct horse battery staple';

/** Like a recovery code: six digits might be those of somebody's app. */
export const NOBODYS_CODE = '0000-AAAA-BBBB-CCCC';

/** As the service would keep it: to hash it for each would cost more than most tests. */
const PASSWORD_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$7iVX1w8HQiUEVjO2nzAVtw$vkBVcvIikf4uHv22KOHc/WCAqGSJiRrw21U7O031rOY';

const SESSION_SECONDS = 7 * 86_400;

/** Makes a member of `workspace` that has signed in, without the work that signing in takes. */
export async function addPerson(
  { context }: TestService,
  workspace: { readonly id: WorkspaceId },
  { access, authenticatedSecondsAgo = 0, scopes = [] }: PersonOptions,
): Promise<Person> {
  const { clock, db } = context;
  const sql = db.$client;
  const now = clock.now();
  const after = (seconds: number) => new Date(now.getTime() + seconds * 1000);
  const authenticatedAt = after(-authenticatedSecondsAgo);
  const [id, sessionId] = [newId('usr', context), newId('ses', context)];
  const name = `${access} ${id.slice(-6)}`;
  const email = `${id}@example.com`;
  await sql`
    insert into members (id, workspace_id, email, name, access, password_hash, joined_at, created_at, created_by)
    values (${idToUuid(id)}, ${idToUuid(workspace.id)}, ${email}, ${name}, ${access}, ${PASSWORD_HASH}, now(), now(),
      'system')`;
  if (scopes.length > 0) await giveRole({ context }, { id, workspaceId: workspace.id }, scopes);
  await sql`
    insert into sessions (id, member_id, generation, kind, created_at, expires_at, authenticated_at, last_seen_at)
    values (${idToUuid(sessionId)}, ${idToUuid(id)}, 1, 'api', ${authenticatedAt.toISOString()},
      ${after(SESSION_SECONDS).toISOString()}, ${authenticatedAt.toISOString()}, ${now.toISOString()})`;
  const person = { id, workspaceId: workspace.id, access, name, email, sessionId };
  return { ...person, secret: signFor({ context }, person, authenticatedSecondsAgo) };
}

/** Another access token of the same session, for somebody who proved who it is so long ago. */
export function signFor(
  { context: { accessTokens, clock } }: Pick<TestService, 'context'>,
  { id, workspaceId, access, sessionId }: Omit<Person, 'secret'>,
  authenticatedSecondsAgo: number,
): string {
  const now = clock.now();
  return accessTokens.sign({
    sessionId,
    memberId: id,
    workspaceId,
    access,
    generation: 1,
    authenticatedAt: new Date(now.getTime() - authenticatedSecondsAgo * 1000),
    issuedAt: now,
    expiresAt: new Date(now.getTime() + 900_000),
  });
}

/** Makes a role of these scopes and gives it to a member. */
export async function giveRole(
  { context }: Pick<TestService, 'context'>,
  { id, workspaceId }: Pick<Person, 'id' | 'workspaceId'>,
  scopes: readonly string[],
): Promise<RoleId> {
  const role = newId('role', context);
  const sql = context.db.$client;
  await sql`
    insert into roles (id, workspace_id, name, scopes, created_at, created_by, updated_at)
    values (${idToUuid(role)}, ${idToUuid(workspaceId)}, ${role.replace('_', '-')}, ${[...scopes]}, now(), 'system', now())`;
  await sql`
    insert into member_roles (workspace_id, member_id, role_id)
    values (${idToUuid(workspaceId)}, ${idToUuid(id)}, ${idToUuid(role)})`;
  return role;
}
