import { inviteMember } from '../../../src/identity/members/invite.ts';
import type { Right } from '../history.ts';
import type { Caller } from './population.ts';
import { perform, type Stage } from './stage.ts';

/** What a signed-in member needs to be let in, and what it needs to manage beside that. */
export const membership = (id: string): Right => `membership of ${id}`;
export const sessionOf = (id: string): Right => `session of ${id}`;
export const managing = (id: string): Right => `management by ${id}`;

/** Signs somebody in, which gives it a session. */
export async function signIn(
  stage: Stage,
  home: number,
  { id, email, password }: { readonly id: string; readonly email: string; readonly password: string },
): Promise<Caller | undefined> {
  const gives = [membership(id), managing(id), sessionOf(id)];
  const call = { kind: 'sign in', replica: home, method: 'POST', path: '/v1/auth/login' } as const;
  const { reply, outcome } = await perform(stage, { ...call, json: { email, password } }, () => ({ gives }));
  if (outcome !== 'done') return undefined;
  return {
    value: JSON.parse(reply.text).access_token,
    rights: [membership(id), sessionOf(id)],
    // To introspect takes management, too.
    rightFor: () => managing(id),
  };
}

/** An owner that nobody takes anything from, and who has just signed in. */
export async function bringOwner(stage: Stage): Promise<Caller> {
  const { operator, urls } = stage;
  const request = { id: 'history', method: 'CLI', route: 'members', ip: null, userAgent: null };
  const principal = { kind: 'system', workspaceId: operator.workspaceId, environment: 'live' } as const;
  const deps = { ...operator, config: { publicUrl: urls[0] ?? '' }, mailer: { send: () => {} } };
  const email = `owner-${crypto.randomUUID()}@example.com`;
  const { member, link } = await inviteMember(deps, { principal, request }, { email, access: 'owner' });
  const password = `the password of ${email}`;
  const json = { token: new URL(link.url).hash.slice(1), password };
  const accept = { kind: 'join', replica: 0, method: 'POST', path: '/v1/members/invitations/accept', json } as const;
  await perform(stage, accept, () => ({}));
  const caller = await signIn(stage, 0, { id: member.id, email, password });
  if (caller === undefined) throw new Error('the owner could not sign in');
  return caller;
}
