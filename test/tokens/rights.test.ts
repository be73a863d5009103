import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../src/identity/principal.ts';
import { listUsage } from '../../src/introspection/usage/read.ts';
import { ServiceError } from '../../src/lib/errors.ts';
import { idToUuid, type MemberId, type TokenId } from '../../src/lib/ids.ts';
import { requireManageable } from '../../src/tokens/holder.ts';
import { getToken, listTokens } from '../../src/tokens/list.ts';
import { reassignToken } from '../../src/tokens/reassign.ts';
import { removeToken } from '../../src/tokens/remove.ts';
import { revokeToken } from '../../src/tokens/revoke.ts';
import { effectiveScopesOfToken, type Token } from '../../src/tokens/token.ts';
import { createTestDatabase } from '../support/database.ts';
import { agentOf, peopleOf } from './people.ts';
import { createWorld, finishRotation, keyOf, rotateToken, scopes, updateToken } from './world.ts';

const world = await createWorld(await createTestDatabase());
const { deps, issue } = world;
const people = peopleOf(world);
const workspace = await world.addWorkspace('acme');
const key = keyOf(workspace);
const [owner, admin, ada, bob, auditor] = [
  await people.addMember(workspace, 'owner'),
  await people.addMember(workspace, 'admin'),
  await people.addMember(workspace, 'member', 'tokens:write', 'a:write'),
  await people.addMember(workspace, 'member', 'a:write'),
  await people.addMember(workspace, 'auditor', 'a:read'),
];
const stranger = keyOf(await world.addWorkspace('other'));
const project = await people.addProject(workspace);
const elsewhere = await people.addProject(workspace);
type Member = Caller & { readonly principal: { readonly id: MemberId } };
const give = (caller: Member | undefined, input: Parameters<typeof issue>[1] = {}) =>
  issue(key, { scopes: scopes('a:read'), ...(caller && { ownerId: caller.principal.id }), ...input });
const agent = async (caller: Member | undefined, input: Parameters<typeof issue>[1] = {}) =>
  agentOf((await give(caller, { scopes: scopes('tokens:write', 'a:write'), ...input })).token);
const noReason = { reason: null, withIssued: false };

/** Everything that can be done about a token, by name. */
const OPERATIONS: Record<string, (caller: Caller, id: TokenId) => Promise<unknown>> = {
  read: (caller, id) => getToken(deps, caller, id),
  update: (caller, id) => updateToken(deps, caller, id, { name: 'renamed' }),
  rotate: (caller, id) => rotateToken(deps, caller, id, { graceSeconds: 0 }),
  finish: (caller, id) => finishRotation(deps, caller, id),
  replay: (caller, id) => requireManageable(deps, caller, id),
  revoke: (caller, id) => revokeToken(deps, caller, id, noReason),
  delete: async (caller, id) => {
    await revokeToken(deps, key, id, noReason);
    await removeToken(deps, caller, id);
  },
};

async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (error instanceof ServiceError) return error.scope ?? error.code;
    throw error;
  }
}

describe.each(Object.entries(OPERATIONS))('%s', (name, operation) => {
  const change = (denied: string) => (name === 'read' ? 'done' : denied);
  const secret = (denied: string) => (name === 'rotate' || name === 'replay' ? denied : 'done');

  test.each<[string, () => Promise<Caller> | Caller, () => Promise<{ token: Token }>, string]>([
    ['a key, of a member’s token', () => key, () => give(ada), 'done'],
    ['an owner, of a member’s token', () => owner, () => give(ada), 'done'],
    ['an admin, of a token of the workspace', () => admin, () => give(undefined), 'done'],
    ['a member, of its own token', () => ada, () => give(ada), 'done'],
    ['a member, of another’s token', () => bob, () => give(ada), 'not_found'],
    ['a member, of a token of the workspace', () => bob, () => give(undefined), 'not_found'],
    ['a key of another workspace', () => stranger, () => give(ada), 'not_found'],
    ['a token of a member, of a token of the same', () => agent(ada), () => give(ada), 'done'],
    ['a token of a member, of another’s token', () => agent(ada), () => give(bob), 'not_found'],
    ['a token of a member, of a token of the workspace', () => agent(ada), () => give(undefined), 'not_found'],
    ['a token of nobody, of a member’s token', () => agent(undefined), () => give(bob), secret('forbidden')],
    [
      'a token, of one with a role that may yet be given more',
      () => agent(undefined),
      async () => give(undefined, { roleId: await people.addRole(workspace, 'a:read') }),
      secret('forbidden'),
    ],
    [
      'a token, of one with its own role',
      () => agent(undefined, { roleId: bob.roleId }),
      () => give(undefined, { roleId: bob.roleId }),
      'done',
    ],
    [
      'a token in a project, of a token in the same',
      () => agent(undefined, { projectId: project }),
      () => give(undefined, { projectId: project }),
      'done',
    ],
    [
      'a token in a project, of a token in another',
      () => agent(undefined, { projectId: project }),
      () => give(undefined, { projectId: elsewhere }),
      change('forbidden'),
    ],
    [
      'a token in a project, of one in none',
      () => agent(undefined, { projectId: project }),
      () => give(undefined),
      change('forbidden'),
    ],
    [
      'a token, of one whose role has more',
      () => agent(undefined),
      async () => give(undefined, { roleId: await people.addRole(workspace, 'b:write') }),
      change('b:read'),
    ],
    [
      'a token, of one that its owner’s roles hold down for now',
      () => agent(undefined),
      async () => {
        const carol = await people.addMember(workspace, 'member', 'a:read', 'b:read');
        const issued = await give(carol, { scopes: scopes('a:read', 'b:read') });
        await people.setRole(carol.roleId, 'a:read');
        return issued;
      },
      change('b:read'),
    ],
  ])('by %s', async (_, caller, target, expected) => {
    const [by, { token }] = [await caller(), await target()];
    expect(await outcomeOf(operation(by, token.id))).toBe(expected);
  });
});

describe('an auditor', () => {
  test('reads every token and changes none, also by a token that it owns', async () => {
    const { token } = await give(ada);
    expect((await getToken(deps, auditor, token.id)).id).toBe(token.id);
    for (const name of ['update', 'rotate', 'finish', 'revoke']) {
      expect(await outcomeOf(OPERATIONS[name]?.(auditor, token.id) ?? Promise.resolve())).toBe('forbidden');
    }
    expect(await outcomeOf(issue(auditor, { scopes: scopes('a:read') }))).toBe('forbidden');
    const carol = await people.addMember(workspace, 'admin', 'tokens:write', 'a:read');
    const acting = await agent(carol, { scopes: scopes('tokens:write') });
    await people.setAccess(carol.principal.id, 'auditor');
    expect(await outcomeOf(issue(acting, { scopes: scopes('tokens:read') }))).toBe('forbidden');
  });
});

describe('a member', () => {
  test('sees its own tokens in lists, whatever the filters, and cannot use the cursors of others', async () => {
    const { token } = await give(bob);
    const list = async (caller: Caller, input = {}) => (await listTokens(deps, caller, { limit: 200, ...input })).items;
    const seen = await list(bob);
    expect(seen.map(({ id }) => id)).toContain(token.id);
    expect(seen.every((one) => one.owner?.id === bob.principal.id)).toBe(true);
    expect(await list(bob, { ownerId: ada.principal.id })).toEqual([]);
    expect(await list(agentOf((await give(bob)).token))).toHaveLength(seen.length + 1);
    expect((await list(auditor)).some((one) => one.owner === null)).toBe(true);
    const { nextCursor } = await listTokens(deps, key, { limit: 1 });
    const stolen = { limit: 1, ...(nextCursor !== null && { cursor: nextCursor }) };
    await expect(listTokens(deps, bob, stolen)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test.each<[string, object, string]>([
    ['for itself, unasked', {}, 'done'],
    ['for itself, by name', { ownerId: ada.principal.id }, 'done'],
    ['for somebody else', { ownerId: bob.principal.id }, 'forbidden'],
    ['with a role that it holds', { roleId: ada.roleId, scopes: [] }, 'done'],
    ['with a role that it does not hold', { roleId: bob.roleId, scopes: [] }, 'forbidden'],
    ['beyond its roles', { scopes: scopes('a:read', 'b:read') }, 'b:read'],
    ['into any project', { projectId: project }, 'done'],
  ])('issues %s', async (_, input, expected) => {
    const issuing = issue(ada, { scopes: scopes('a:read'), ...input });
    expect(await outcomeOf(issuing)).toBe(expected);
    if (expected === 'done') expect((await issuing).token.owner?.id).toBe(ada.principal.id);
  });

  test('changes its own tokens within its roles, and no project', async () => {
    const { token } = await issue(ada, { scopes: scopes('a:read') });
    const update = (input: object) => outcomeOf(updateToken(deps, ada, token.id, input));
    expect(await update({ scopes: scopes('a:write') })).toBe('done');
    expect(await update({ scopes: scopes('b:read') })).toBe('b:read');
    expect(await update({ roleId: ada.roleId })).toBe('done');
    expect(await update({ roleId: bob.roleId })).toBe('forbidden');
    expect(await update({ roleId: null })).toBe('done');
    expect(await update({ projectId: project })).toBe('forbidden');
  });

  test('is what it is now, not what it was when the request was let in', async () => {
    const demoted = await people.addMember(workspace, 'admin', 'a:read');
    const { token } = await give(ada);
    await people.setAccess(demoted.principal.id, 'member');
    expect(await outcomeOf(updateToken(deps, demoted, token.id, { name: 'x' }))).toBe('not_found');
    expect(await outcomeOf(reassignToken(deps, demoted, token.id, { ownerId: null, reason: null }))).toBe('not_found');
    expect((await issue(demoted, { scopes: scopes('a:read') })).token.owner?.id).toBe(demoted.principal.id);
    await people.removeMember(demoted.principal.id);
    expect(await outcomeOf(issue(demoted, { scopes: scopes('a:read') }))).toBe('unauthorized');
  });

  test('that revokes what its token issued does not reach what belongs to others by now', async () => {
    const parent = await give(ada, { scopes: scopes('tokens:write', 'a:read') });
    const { token: child } = await issue(agentOf(parent.token), { scopes: scopes('a:read') });
    expect(child.owner?.id).toBe(ada.principal.id);
    await reassignToken(deps, key, child.id, { ownerId: bob.principal.id, reason: null });
    const all = { reason: null, withIssued: true };
    expect(await outcomeOf(revokeToken(deps, ada, parent.token.id, all))).toBe('forbidden');
    expect(await getToken(deps, key, parent.token.id)).toMatchObject({ revokedAt: null });
    expect((await revokeToken(deps, admin, parent.token.id, all)).alsoRevoked).toBe(1);
  });

  test('sees how its own tokens were used and no others', async () => {
    const [mine, theirs] = [(await give(ada)).token, (await give(bob)).token];
    for (const { id } of [mine, theirs]) {
      await world.sql`insert into token_usage (workspace_id, environment, token_id, introspector_id, source, outcome, secret,
          bucket_seconds, starts_at, uses, last_used_at)
        values (${idToUuid(workspace)}, 'live', ${idToUuid(id)}, 'key_x', null, 'active', 'current', 3600,
          date_trunc('hour', now()), 1, now())`;
    }
    const usageOf = async (caller: Caller, input = {}) =>
      (await listUsage(deps, caller, { bucket: 'hour', limit: 200, ...input })).items.map(({ tokenId }) => tokenId);
    expect(await usageOf(ada)).toEqual([mine.id]);
    expect(await usageOf(await agent(ada))).toEqual([mine.id]);
    expect(await usageOf(ada, { tokenId: theirs.id })).toEqual([]);
    expect((await usageOf(auditor)).sort()).toEqual([mine.id, theirs.id].sort());
  });
});

describe('a token that issues', () => {
  test.each<[string, () => Promise<Caller>, object, string]>([
    ['for its own owner, unasked', () => agent(ada), {}, 'done'],
    ['for its own owner, by name', () => agent(ada), { ownerId: ada.principal.id }, 'done'],
    ['for another member', () => agent(ada), { ownerId: bob.principal.id }, 'forbidden'],
    ['for a member, belonging to nobody', () => agent(undefined), { ownerId: bob.principal.id }, 'forbidden'],
    ['into its own project', () => agent(undefined, { projectId: project }), { projectId: project }, 'done'],
    ['into another project', () => agent(undefined, { projectId: project }), { projectId: elsewhere }, 'forbidden'],
    ['into a project, being in none', () => agent(undefined), { projectId: project }, 'done'],
    ['with a role', () => agent(ada), { roleId: ada.roleId }, 'forbidden'],
  ])('%s', async (_, caller, input, expected) => {
    expect(await outcomeOf(issue(await caller(), { scopes: scopes('a:read'), ...input }))).toBe(expected);
  });

  test('passes its owner and its project on', async () => {
    const { token } = await issue(await agent(ada, { projectId: project }), { scopes: scopes('a:read') });
    expect(token).toMatchObject({ owner: { id: ada.principal.id }, projectId: project });
  });

  test('changes neither roles nor projects', async () => {
    const { token } = await give(ada);
    const acting = await agent(ada);
    for (const input of [{ roleId: null }, { roleId: ada.roleId }, { projectId: project }, { projectId: null }]) {
      expect(await outcomeOf(updateToken(deps, acting, token.id, input))).toBe('forbidden');
    }
    expect(await outcomeOf(reassignToken(deps, acting, token.id, { ownerId: null, reason: null }))).toBe('forbidden');
  });

  test('has the rights that its role, its owner’s roles and its owner have now', async () => {
    const carol = await people.addMember(workspace, 'member', 'tokens:write', 'a:read');
    const carried = await people.addRole(workspace, 'tokens:write', 'a:read');
    const acting = await agent(carol, { scopes: [], roleId: carried });
    const attempt = () => outcomeOf(issue(acting, { scopes: scopes('a:read') }));
    expect(await attempt()).toBe('done');
    await people.setRole(carried, 'tokens:write');
    expect(await attempt()).toBe('a:read');
    await people.setRole(carried, 'tokens:write', 'a:read');
    await people.setRole(carol.roleId, 'tokens:write');
    expect(await attempt()).toBe('a:read');
    await people.setRole(carol.roleId, 'a:read');
    expect(await attempt()).toBe('tokens:write');
    await people.removeMember(carol.principal.id);
    expect(await attempt()).toBe('unauthorized');
  });

  test('never ends with a token that can do more than the first holder, whatever it and its tokens try', async () => {
    const scope = fc.constantFrom('tokens:write', 'tokens:read', 'a:read', 'a:write', 'b:read');
    const step = fc.record({
      who: fc.nat(),
      whom: fc.nat(),
      what: fc.constantFrom('issue', 'update', 'rotate'),
      wanted: fc.uniqueArray(scope, { minLength: 1, maxLength: 3 }),
      role: fc.option(scope),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), fc.boolean(), async (steps, isOwned) => {
        const carol = await people.addMember(workspace, 'member', 'tokens:write', 'a:write');
        const first = (await give(isOwned ? carol : undefined, { scopes: scopes('tokens:write', 'a:write') })).token;
        const others = [await give(carol), await give(undefined), await give(bob)].map(({ token }) => token.id);
        const held = [first.id];
        for (const { who, whom, what, wanted, role } of steps) {
          if (role !== null) await people.setRole(carol.roleId, 'tokens:write', role);
          const caller = agentOf(await getToken(deps, key, held[who % held.length] ?? first.id));
          const known = [...held, ...others];
          const target = known[whom % known.length] ?? first.id;
          const input = { scopes: scopes(...wanted) };
          const works = {
            issue: async () => held.push((await issue(caller, input)).token.id),
            update: () => updateToken(deps, caller, target, input),
            rotate: async () => held.push((await rotateToken(deps, caller, target, { graceSeconds: 0 })).token.id),
          };
          await outcomeOf(works[what]());
          // What the first was given, as far as its owner goes now: it may have narrowed itself since.
          const { owner } = await getToken(deps, key, first.id);
          const ceiling = new Set(effectiveScopesOfToken({ ...first, owner }));
          for (const id of held) {
            const beyond = effectiveScopesOfToken(await getToken(deps, key, id)).filter((one) => !ceiling.has(one));
            expect(beyond).toEqual([]);
          }
        }
      }),
      { numRuns: 15 },
    );
  });
});
