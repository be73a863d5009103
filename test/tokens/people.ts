import type { AccessLevel } from '../../src/identity/access-level.ts';
import type { Caller, MemberPrincipal, TokenPrincipal } from '../../src/identity/principal.ts';
import { idToUuid, type MemberId, newId, type ProjectId, type RoleId, type WorkspaceId } from '../../src/lib/ids.ts';
import { effectiveScopesOfToken, type Token } from '../../src/tokens/token.ts';
import { callerOf, scopes, type World } from './world.ts';

/** Members, roles and projects of a world of tokens, as rows: who makes them is tested elsewhere. */
export function peopleOf({ deps, sql, time }: World) {
  async function addRole(workspace: WorkspaceId, ...granted: string[]): Promise<RoleId> {
    const id = newId('role', deps);
    await sql`insert into roles (id, workspace_id, name, scopes, created_at, created_by, updated_at)
      values (${idToUuid(id)}, ${idToUuid(workspace)}, ${id.replace('_', '-')}, ${granted}, now(), 'system', now())`;
    return id;
  }

  async function giveRole(workspace: WorkspaceId, member: MemberId, role: RoleId): Promise<void> {
    await sql`insert into member_roles (workspace_id, member_id, role_id)
      values (${idToUuid(workspace)}, ${idToUuid(member)}, ${idToUuid(role)})`;
  }

  return {
    addRole,
    giveRole,
    /** A signed-in member, whose one role grants `granted`. */
    async addMember(
      workspace: WorkspaceId,
      access: AccessLevel,
      ...granted: string[]
    ): Promise<Caller & { readonly principal: MemberPrincipal; readonly roleId: RoleId }> {
      const id = newId('usr', deps);
      await sql`insert into members (id, workspace_id, email, name, access, joined_at, created_at, created_by)
        values (${idToUuid(id)}, ${idToUuid(workspace)}, ${`${id}@example.com`}, ${access}, ${access}, now(), now(), 'system')`;
      const roleId = await addRole(workspace, ...granted);
      await giveRole(workspace, id, roleId);
      const principal: MemberPrincipal = {
        kind: 'member',
        id,
        name: access,
        workspaceId: workspace,
        environment: 'live',
        access,
        scopes: scopes(...granted),
        sessionId: newId('ses', deps),
        authenticatedAt: time.now,
      };
      return { principal, roleId, request: { id: 'test', method: 'POST', route: '/test', ip: null, userAgent: null } };
    },
    async addProject(workspace: WorkspaceId): Promise<ProjectId> {
      const id = newId('prj', deps);
      await sql`insert into projects (id, workspace_id, name, created_at, created_by, updated_at)
        values (${idToUuid(id)}, ${idToUuid(workspace)}, ${id}, now(), 'system', now())`;
      return id;
    },
    setRole: (role: RoleId, ...granted: string[]) =>
      sql`update roles set scopes = ${granted} where id = ${idToUuid(role)}`,
    setAccess: (member: MemberId, access: AccessLevel) =>
      sql`update members set access = ${access} where id = ${idToUuid(member)}`,
    removeMember: (member: MemberId) =>
      sql`update members set removed_at = now(), email = null where id = ${idToUuid(member)}`,
  };
}

/** A token as a caller that acts for its owner, in its project. */
export function agentOf(token: Token): Caller & { readonly principal: TokenPrincipal } {
  const { principal, request } = callerOf(token);
  const owner = token.owner && { id: token.owner.id, access: token.owner.access };
  return {
    principal: { ...principal, owner, projectId: token.projectId, scopes: effectiveScopesOfToken(token) },
    request,
  };
}
