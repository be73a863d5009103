import type { Right } from '../history.ts';
import { change, lifeOf } from './changes.ts';
import { askEverywhere, awaitForAWhile } from './observations.ts';
import { type Caller, type KnownSecret, oneOf } from './population.ts';
import { managing, membership, sessionOf, signIn } from './sign-in.ts';
import { type Meaning, perform, type Stage, showsCaller } from './stage.ts';

/** A member as one client knows it, with a session and a token of its own. */
interface PersonLife {
  readonly id: string;
  readonly password: string;
  /** With its access token. */
  readonly session: Caller;
  readonly token: KnownSecret;
  /** One that is taken off it, and one that is narrowed. */
  readonly roles: { readonly lost: string; readonly narrowed: string; readonly kept: string };
}

/**
 * An owner who invites an admin, gives it roles and a token, takes its rights one by one, and removes it. After each step
 * every replica is asked about the token, and called with the admin's access token.
 */
export async function livePersonLife(stage: Stage, home: number): Promise<boolean> {
  const { owner } = stage;
  if (owner === undefined) throw new Error('nobody manages members here');
  const life = await beginPersonLife(stage, home, owner);
  if (life === undefined) return false;
  await askAbout(stage, life);
  const steps = [loseRole, narrowRole, demote, endSession];
  while (steps.length > 0 && Math.random() < 0.85) {
    const step = oneOf(steps);
    if (step === undefined) break;
    steps.splice(steps.indexOf(step), 1);
    if (!(await step(stage, home, owner, life))) break;
    await askAbout(stage, life);
  }
  await remove(stage, home, owner, life);
  await askAbout(stage, life);
  return true;
}

type Step = (stage: Stage, home: number, owner: Caller, life: PersonLife) => Promise<boolean>;

const LOST = 'lost:read';
const NARROWED = 'narrowed:read';
const KEPT = 'kept:read';

const scopeOf = (id: string, scope: string): Right => `${scope} of ${id}`;

const loseRole: Step = async (stage, home, owner, { id, roles, token }) => {
  const { isCertain } = await change(stage, home, {
    kind: 'take a role',
    caller: owner,
    method: 'PATCH',
    path: `/v1/members/${id}`,
    json: { roles: [roles.narrowed, roles.kept] },
    takes: [scopeOf(token.token.id, LOST)],
  });
  return isCertain;
};

const narrowRole: Step = async (stage, home, owner, { roles, token }) => {
  const { isCertain } = await change(stage, home, {
    kind: 'narrow a role',
    caller: owner,
    method: 'PATCH',
    path: `/v1/roles/${roles.narrowed}`,
    json: { scopes: [KEPT] },
    takes: [scopeOf(token.token.id, NARROWED)],
  });
  return isCertain;
};

const demote: Step = async (stage, home, owner, { id }) => {
  const { isCertain } = await change(stage, home, {
    kind: 'demote',
    caller: owner,
    method: 'PATCH',
    path: `/v1/members/${id}`,
    json: { access: 'member' },
    takes: [managing(id)],
  });
  return isCertain;
};

/** By a new password, or by signing out. Whoever has done it is nobody any more. */
const endSession: Step = async (stage, home, _owner, { id, session, password }) => {
  const isPasswordChange = Math.random() < 0.5;
  const { isCertain } = await change(stage, home, {
    kind: isPasswordChange ? 'change password' : 'sign out',
    caller: session,
    method: 'POST',
    path: isPasswordChange ? '/v1/auth/password' : '/v1/auth/logout',
    json: isPasswordChange ? { current_password: password, new_password: `${password}, changed` } : {},
    takes: [sessionOf(id)],
  });
  return isCertain;
};

const remove: Step = async (stage, home, owner, { id }) => {
  const { isCertain } = await change(stage, home, {
    kind: 'remove member',
    caller: owner,
    method: 'DELETE',
    path: `/v1/members/${id}`,
    takes: [membership(id)],
  });
  return isCertain;
};

async function askAbout(stage: Stage, { token, session }: PersonLife): Promise<void> {
  const calls = stage.urls.map((_, replica) => readSettings(stage, replica, session));
  await Promise.all([askEverywhere(stage, [token]), awaitForAWhile(stage, calls)]);
}

/** What only managers may. */
async function readSettings(stage: Stage, replica: number, caller: Caller): Promise<void> {
  const call = { kind: 'settings', replica, caller, method: 'GET', path: '/v1/settings' } as const;
  await perform(stage, call, (reply) => showsCaller(caller, reply, MANAGEMENT));
}

/** What callers need to manage, as {@link Caller.rightFor} is asked for it. */
const MANAGEMENT = 'management';

let born = 0;

async function beginPersonLife(stage: Stage, home: number, owner: Caller): Promise<PersonLife | undefined> {
  born += 1;
  const name = `person-${born}`;
  const password = `the password of ${name}, which is long`;
  const roles = await makeRoles(stage, home, owner, name);
  if (roles === undefined) return undefined;
  const invited = await ask(stage, home, owner, '/v1/members/invitations', {
    email: `${name}@example.com`,
    access: 'admin',
    roles: [roles.lost, roles.narrowed, roles.kept],
  });
  if (invited === undefined) return undefined;
  const id: string = invited.member.id;
  const token = new URL(invited.link.url).hash.slice(1);
  if ((await ask(stage, home, undefined, '/v1/members/invitations/accept', { token, password })) === undefined) {
    return undefined;
  }
  const session = await signIn(stage, home, { id, email: `${name}@example.com`, password });
  const issued = session && (await issueTo(stage, home, id));
  return session && issued && { id, password, session, token: issued, roles };
}

async function makeRoles(stage: Stage, home: number, owner: Caller, name: string) {
  const make = async (kind: string, scopes: readonly string[]): Promise<string | undefined> =>
    (await ask(stage, home, owner, '/v1/roles', { name: `${name}-${kind}`, scopes }))?.id;
  const lost = await make('lost', [LOST]);
  const narrowed = await make('narrowed', [NARROWED, KEPT]);
  const kept = await make('kept', [KEPT]);
  return lost !== undefined && narrowed !== undefined && kept !== undefined ? { lost, narrowed, kept } : undefined;
}

/** A token that the member owns. */
async function issueTo(stage: Stage, home: number, owner: string): Promise<KnownSecret | undefined> {
  const right: Right = `secret of the token of ${owner}`;
  const openness: Right = `openness of the token of ${owner}`;
  const scopes = [LOST, NARROWED, KEPT];
  const call = { kind: 'issue to member', replica: home, method: 'POST', path: '/v1/tokens' } as const;
  const json = { name: 'owned', owner, scopes };
  const { reply, outcome } = await perform(stage, { ...call, caller: stage.root, json }, (answer): Meaning => {
    if (answer.status !== 201) return {};
    const { id } = JSON.parse(answer.text).token;
    return { gives: [right, openness, lifeOf(id), ...scopes.map((scope) => scopeOf(id, scope))] };
  });
  if (outcome !== 'done') return undefined;
  const { token, secret } = JSON.parse(reply.text);
  const held = new Map(scopes.map((scope) => [scope, scopeOf(token.id, scope)]));
  const known = {
    token: { id: token.id, life: [lifeOf(token.id), membership(owner)], openness, scopes: held },
    value: secret,
    right,
  };
  stage.population.add(known);
  return known;
}

/** The answer to something that only prepares; undefined unless it is done. */
async function ask(stage: Stage, replica: number, caller: Caller | undefined, path: string, json: object) {
  const call = { kind: 'prepare', replica, method: 'POST', path, json } as const;
  const { reply, outcome } = await perform(stage, { ...call, ...(caller && { caller }) }, () => ({}));
  return outcome === 'done' ? JSON.parse(reply.text) : undefined;
}
