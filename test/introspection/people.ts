import { eq } from 'drizzle-orm';
import { invalidate } from '../../src/coherence/invalidate.ts';
import { inTransaction, type Transaction } from '../../src/db/connection.ts';
import { roles, visibilityGroups } from '../../src/db/schema/grouping.ts';
import { memberGroups, memberRoles, members } from '../../src/db/schema/members.ts';
import { sessions } from '../../src/db/schema/sessions.ts';
import { tokens } from '../../src/db/schema/tokens.ts';
import type { AccessLevel } from '../../src/identity/access-level.ts';
import type { AccessTokenClaims } from '../../src/identity/access-tokens/claims.ts';
import {
  type GroupId,
  idToUuid,
  type MemberId,
  newId,
  type RoleId,
  type SessionId,
  type TokenId,
  type WorkspaceId,
} from '../../src/lib/ids.ts';
import type { Services } from '../../src/web/services.ts';

/** Members, roles and groups as rows, and changes of them that wait until every replica has heard. */
export interface People {
  addMember(fields?: MemberFields): Promise<MemberId>;
  addRole(name: string, scopes: readonly string[]): Promise<RoleId>;
  addGroup(name: string): Promise<GroupId>;
  /** A session that has just begun, and an access token of it. */
  signIn(id: MemberId, claims?: Partial<AccessTokenClaims>): Promise<{ id: SessionId; accessToken: string }>;
  own(token: TokenId, owner: MemberId, role?: RoleId): Promise<void>;
  /** Makes a change and waits for its fence. */
  change(work: (tx: Transaction) => Promise<unknown>): Promise<void>;
}

export interface MemberFields {
  readonly access?: AccessLevel;
  readonly email?: string | null;
  readonly roles?: readonly RoleId[];
  readonly groups?: readonly GroupId[];
}

export function createPeople(services: Services, workspaceId: WorkspaceId): People {
  const { db, clock } = services;
  const workspace = idToUuid(workspaceId);
  const named = (name: string) => {
    const at = clock.now();
    return { workspaceId: workspace, name, createdAt: at, createdBy: 'system', updatedAt: at };
  };

  async function change(work: (tx: Transaction) => Promise<unknown>): Promise<void> {
    const invalidated = await inTransaction(db, async (tx) => {
      await work(tx);
      return invalidate(tx, []);
    });
    await services.fence(invalidated);
  }

  return {
    change,
    async addMember({ access = 'member', email = null, roles: held = [], groups = [] } = {}) {
      const id = newId('usr', services);
      const memberId = idToUuid(id);
      const at = clock.now();
      await change(async (tx) => {
        await tx.insert(members).values({
          id: memberId,
          workspaceId: workspace,
          email,
          name: 'Ada',
          access,
          joinedAt: at,
          createdAt: at,
          createdBy: 'system',
        });
        for (const role of held) {
          await tx.insert(memberRoles).values({ workspaceId: workspace, memberId, roleId: idToUuid(role) });
        }
        for (const group of groups) {
          await tx.insert(memberGroups).values({ workspaceId: workspace, memberId, groupId: idToUuid(group) });
        }
      });
      return id;
    },
    async addRole(name, scopes) {
      const id = newId('role', services);
      await db.insert(roles).values({ ...named(name), id: idToUuid(id), scopes: [...scopes] });
      return id;
    },
    async addGroup(name) {
      const id = newId('grp', services);
      await db.insert(visibilityGroups).values({ ...named(name), id: idToUuid(id) });
      return id;
    },
    async signIn(memberId, claims = {}) {
      const id = newId('ses', services);
      const at = clock.now();
      await db.insert(sessions).values({
        id: idToUuid(id),
        memberId: idToUuid(memberId),
        generation: 1,
        kind: 'api',
        createdAt: at,
        expiresAt: new Date(at.getTime() + 7 * 86_400_000),
        authenticatedAt: at,
        lastSeenAt: at,
      });
      const accessToken = services.accessTokens.sign({
        sessionId: id,
        memberId,
        workspaceId,
        access: 'member',
        generation: 1,
        authenticatedAt: at,
        issuedAt: at,
        expiresAt: new Date(at.getTime() + 900_000),
        ...claims,
      });
      return { id, accessToken };
    },
    own: (token, owner, role) =>
      change((tx) =>
        tx
          .update(tokens)
          .set({ ownerId: idToUuid(owner), ...(role !== undefined && { roleId: idToUuid(role) }) })
          .where(eq(tokens.id, idToUuid(token))),
      ),
  };
}
