import type { SmtpSettings } from '../../src/config/smtp.ts';
import type { AccessLevel } from '../../src/identity/access-level.ts';
import { idToUuid, type MemberId, newId, type RoleId, type WorkspaceId } from '../../src/lib/ids.ts';
import type { TestAnswer } from '../support/answer.ts';
import type { TestDatabase } from '../support/database.ts';
import { addPerson, type Person } from '../support/people.ts';
import type { TestWorkspace } from '../support/service.ts';
import { createSignInWorld } from './sign-in-world.ts';

/** Workspaces with people who manage them. */
export async function createMembersWorld(
  database: TestDatabase,
  env: Record<string, string> = {},
  smtp?: SmtpSettings,
) {
  const world = await createSignInWorld(database, env, smtp);
  const { service, sql } = world;
  let count = 0;

  return {
    ...world,
    addPerson: (workspace: { readonly id: WorkspaceId }, access: AccessLevel) =>
      addPerson(service, workspace, { access }),
    /** A workspace of its own, with an owner and an admin. */
    async addTeam(): Promise<{ workspace: TestWorkspace; owner: Person; admin: Person }> {
      count += 1;
      const workspace = await service.addWorkspace(`team ${count}`);
      const owner = await addPerson(service, workspace, { access: 'owner' });
      return { workspace, owner, admin: await addPerson(service, workspace, { access: 'admin' }) };
    },
    async addRole(workspace: TestWorkspace, name: string): Promise<RoleId> {
      const id = newId('role', service.context);
      await sql`
        insert into roles (id, workspace_id, name, scopes, created_at, created_by, updated_at)
        values (${idToUuid(id)}, ${idToUuid(workspace.id)}, ${name}, ${['invoices:read']}, now(), 'system', now())`;
      return id;
    },
    async addGroup(workspace: TestWorkspace, name: string): Promise<string> {
      const id = newId('grp', service.context);
      await sql`
        insert into visibility_groups (id, workspace_id, name, created_at, created_by, updated_at)
        values (${idToUuid(id)}, ${idToUuid(workspace.id)}, ${name}, now(), 'system', now())`;
      return id;
    },
    /** As `by`, on `/v1/members` and what follows. */
    members: (by: { readonly secret: string }, method: string, path = '', json?: unknown, headers = {}) =>
      service.call(method, `/v1/members${path}`, { secret: by.secret, json, headers }),
    /** The events about a member, the newest first, as the audit log shows them. */
    async eventsOf(workspace: TestWorkspace, id: MemberId): Promise<ShownEvent[]> {
      const { body } = await service.call('GET', `/v1/audit-log?target=${id}`, { secret: workspace.live.secret });
      return body.data;
    },
  };
}

export interface ShownEvent {
  readonly action: string;
  readonly reason: string | null;
  readonly actor: { readonly type: string; readonly id: string | null };
  readonly changes: readonly { readonly field: string; readonly old: unknown; readonly new: unknown }[];
}

/** The secret of the link in an answer. */
export function secretOf({ body }: Pick<TestAnswer, 'body'>): string {
  return String(body.link.url).split('#')[1] ?? '';
}

export function sorted(answers: readonly { readonly status: number }[]): number[] {
  return answers.map(({ status }) => status).sort();
}
