import { describe, expect, test } from 'vitest';
import { createNamed } from '../../src/identity/named/create.ts';
import { PROJECT } from '../../src/identity/named/kind.ts';
import { idToUuid, type ProjectId } from '../../src/lib/ids.ts';
import { deleteProject } from '../../src/tokens/projects/delete.ts';
import { revokeTokensOfProject } from '../../src/tokens/projects/revoke-tokens.ts';
import { createTestDatabase } from '../support/database.ts';
import { overhear } from '../support/overhear.ts';
import { createWorld, keyOf } from './world.ts';

const world = await createWorld(await createTestDatabase());
const { deps, sql, issue } = world;
const key = keyOf(await world.addWorkspace('acme'));
const { workspaceId } = key.principal;
let count = 0;

async function addProject(): Promise<ProjectId> {
  count += 1;
  return (await createNamed(deps, key, PROJECT, { name: `Project ${count}`, description: null })).id;
}

/** Puts many tokens into a project at once, as old as each other in threes. */
async function fill(project: ProjectId, size: number, expiresAt: Date | null = null): Promise<void> {
  await sql`
    insert into tokens (id, workspace_id, environment, name, hint, scopes, project_id, metadata, expires_at, created_at, created_by)
    select gen_random_uuid(), ${idToUuid(workspaceId)}, 'live', 'one of many', 'x', '{a:read}', ${idToUuid(project)}, '{}',
      ${expiresAt?.toISOString() ?? null}, now() + n / 3 * interval '1 ms', 'system'
    from generate_series(1, ${size}) n`;
}

async function revokedIn(project: ProjectId): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from tokens where project_id = ${idToUuid(project)} and revoked_at is not null`;
  return row?.count ?? 0;
}

async function revocationEvents(): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from audit_events
    where convert_from(leaf, 'UTF8')::jsonb @> '{"action": "token.revoked"}'`;
  return row?.count ?? 0;
}

describe('revoking the tokens of a project', () => {
  test('reaches all of more than go into one transaction, with an event each', async () => {
    const project = await addProject();
    await fill(project, 1_203);
    const before = await revocationEvents();
    expect((await revokeTokensOfProject(deps, key, project, 'over')).revoked).toBe(1_203);
    expect(await revokedIn(project)).toBe(1_203);
    expect((await revocationEvents()) - before).toBe(1_203);
    expect((await revokeTokensOfProject(deps, key, project, 'again')).revoked).toBe(0);
  });

  test('that fails in the middle keeps what it has done, and goes on from there', async () => {
    let [drawn, limit] = [0, Number.POSITIVE_INFINITY];
    const random = {
      bytes(size: number) {
        drawn += 1;
        if (drawn > limit) throw new Error('out of luck');
        return deps.random.bytes(size);
      },
    };
    const [few, project] = [await addProject(), await addProject()];
    await fill(few, 10);
    await revokeTokensOfProject({ ...deps, random }, key, few, null);
    // In the third batch of 500.
    [limit, drawn] = [drawn * 120, 0];
    await fill(project, 1_700);
    const before = await revocationEvents();
    const revoking = revokeTokensOfProject({ ...deps, random }, key, project, null);
    await expect(revoking).rejects.toThrow('out of luck');
    expect(await revokedIn(project)).toBe(1_000);
    expect((await revocationEvents()) - before).toBe(1_000);
    expect((await revokeTokensOfProject(deps, key, project, null)).revoked).toBe(700);
    expect((await revocationEvents()) - before).toBe(1_700);
  });

  test('waits for tokens that are just being issued into it', async () => {
    const project = await addProject();
    await fill(project, 1);
    const id = await sql.begin(async (issuer) => {
      // As issuing does: the project is held, and the token is not committed yet.
      await issuer`select from projects where id = ${idToUuid(project)} for key share`;
      const revoking = revokeTokensOfProject(deps, key, project, null);
      await world.untilSomeoneWaits();
      const [late] = await issuer<{ id: string }[]>`
        insert into tokens (id, workspace_id, environment, name, hint, scopes, project_id, metadata, created_at, created_by)
        values (gen_random_uuid(), ${idToUuid(workspaceId)}, 'live', 'late', 'x', '{a:read}', ${idToUuid(project)}, '{}',
          now(), 'system') returning id`;
      return { late: late?.id, revoking };
    });
    expect((await id.revoking).revoked).toBe(2);
    expect(await revokedIn(project)).toBe(2);
  });

  test('by many at once revokes each token once', async () => {
    const project = await addProject();
    await fill(project, 600);
    const before = await revocationEvents();
    const results = await Promise.all(
      Array.from({ length: 4 }, () => revokeTokensOfProject(deps, keyOf(workspaceId), project, null)),
    );
    expect(results.reduce((sum, { revoked }) => sum + revoked, 0)).toBe(600);
    expect((await revocationEvents()) - before).toBe(600);
  });

  test('leaves expired ones as they are', async () => {
    const project = await addProject();
    await fill(project, 2, new Date(world.time.now.getTime() - 1));
    expect((await revokeTokensOfProject(deps, key, project, null)).revoked).toBe(0);
    expect(await revokedIn(project)).toBe(0);
  });

  test('makes replicas forget what an earlier call has revoked that never answered', async () => {
    const project = await addProject();
    const { token } = await issue(key, { projectId: project });
    const { fence, told } = overhear(deps.fence);
    const dying = { ...deps, fence: () => Promise.reject(new Error('killed')) };
    await expect(revokeTokensOfProject(dying, key, project, null)).rejects.toThrow('killed');
    expect((await revokeTokensOfProject({ ...deps, fence }, key, project, null)).revoked).toBe(0);
    expect(told).toEqual([token.workspaceId]);
  });
});

describe('deleting a project', () => {
  test('takes more finished tokens out of it than go into one statement', async () => {
    const project = await addProject();
    await fill(project, 2_001, new Date(world.time.now.getTime() - 1));
    await deleteProject(deps, key, project);
    const [row] = await sql<{ count: number }[]>`
      select count(*)::int as count from tokens where name = 'one of many' and project_id is null`;
    expect(row?.count).toBe(2_001);
    expect((await world.eventsOf(project)).map(({ action }) => action)).toEqual(['project.created', 'project.deleted']);
  });

  test('says of many live tokens that they are many', async () => {
    const project = await addProject();
    await fill(project, 1_001);
    await expect(deleteProject(deps, key, project)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('more than 1,000 live tokens'),
    });
  });

  test('is refused when a token is issued into it at the last moment', async () => {
    const project = await addProject();
    const { outcome } = await sql.begin(async (issuer) => {
      await issuer`select from projects where id = ${idToUuid(project)} for key share`;
      const outcome = deleteProject(deps, key, project).catch((error: unknown) => error);
      await world.untilSomeoneWaits();
      await issuer`
        insert into tokens (id, workspace_id, environment, name, hint, scopes, project_id, metadata, created_at, created_by)
        values (gen_random_uuid(), ${idToUuid(workspaceId)}, 'live', 'late', 'x', '{a:read}', ${idToUuid(project)}, '{}',
          now(), 'system')`;
      return { outcome };
    });
    expect(await outcome).toMatchObject({ code: 'conflict', message: expect.stringContaining('1 live token,') });
  });
});
