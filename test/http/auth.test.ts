import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { idToUuid } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import type { Person } from '../support/people.ts';
import type { TestWorkspace } from '../support/service.ts';
import { cookieOf, createSignInWorld, PASSWORD, shapeOf, WRONG } from './sign-in-world.ts';

const world = await createSignInWorld(await createTestDatabase());
const { service, sql, login, addMember } = world;
let acme: TestWorkspace;
let other: TestWorkspace;

beforeAll(async () => {
  acme = await service.addWorkspace('acme');
  other = await service.addWorkspace('other');
});

// The audit log takes no event that is far from the time of the database.
beforeEach(() => {
  world.time.now = new Date();
});

let strangers = 0;
const stranger = () => {
  strangers += 1;
  return `stranger-${strangers}@example.com`;
};
const signIn = ({ email }: Pick<Person, 'email'>, password = PASSWORD, cookie?: string) =>
  login(email, password, { workspace: 'acme', cookie });
const whoami = (secret: string) => service.call('GET', '/v1/whoami', { secret });
const failTimes = async (count: number, email: string, cookie?: string) => {
  const answers = [];
  for (let n = 0; n < count; n += 1) answers.push(await login(email, WRONG, { workspace: 'acme', cookie }));
  return answers;
};

describe('signing in', () => {
  it('answers with tokens that work, who it is, and a cookie', async () => {
    const member = await addMember(acme, 'admin');
    const answer = await signIn(member);
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        access_token: expect.stringMatching(/^eyJ/),
        token_type: 'Bearer',
        expires_in: 900,
        refresh_token: expect.stringMatching(/^tokr_/),
        user: { id: member.id, name: member.name, email: member.email, access: 'admin', workspace: acme.id },
      },
    ]);
    expect(answer.headers.get('set-cookie')).toMatch(
      /^tooken_device=tokd_[0-9A-Za-z]{43}\.[\w-]{22}\.[\w-]{22}; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    expect((await whoami(answer.body.access_token)).body).toMatchObject({ kind: 'member', id: member.id });
    const { body } = await service.call('POST', '/v1/auth/refresh', {
      json: { refresh_token: answer.body.refresh_token },
    });
    expect((await whoami(body.access_token)).body).toMatchObject({ id: member.id });
  });

  it('takes the workspace by id or name, and the address however it is written', async () => {
    const member = await addMember(acme);
    const written = `  ${member.email.toUpperCase()} `;
    for (const workspace of ['acme', acme.id]) {
      expect((await login(written, PASSWORD, { workspace })).status).toBe(200);
    }
    expect((await login(member.email, PASSWORD, { workspace: 'other' })).status).toBe(401);
  });

  it('asks for the workspace where there are several, whoever asks', async () => {
    const member = await addMember(acme);
    const [known, unknown] = [await login(member.email, PASSWORD), await login(stranger(), PASSWORD)];
    expect([known.status, known.body.details]).toEqual([
      422,
      [{ path: 'workspace', message: 'is needed, since there are several here: its id or name' }],
    ]);
    expect(shapeOf(known)).toEqual(shapeOf(unknown));
  });

  it('is an event of the member, and so is what fails; of strangers the log has no address', async () => {
    const member = await addMember(acme);
    await signIn(member);
    await signIn(member, WRONG);
    const email = stranger();
    await login(email, WRONG, { workspace: 'acme' });
    await login(email, WRONG, { workspace: 'nowhere' });
    const about = async () => (await world.events(acme.id)).filter(({ targets }) => targets[0]?.id === member.id);
    await expect.poll(about).toMatchObject([
      { action: 'member.sign_in_failed', reason: 'password', actor: { type: 'anonymous' } },
      { action: 'member.signed_in', actor: { type: 'member', id: member.id }, targets: [{}, { type: 'session' }] },
    ]);
    const unknown = { action: 'member.sign_in_failed', reason: 'unknown', targets: [] };
    for (const log of [acme.id, null]) {
      await expect.poll(() => world.events(log)).toContainEqual(expect.objectContaining(unknown));
    }
    const [row] = await sql`
      select count(*)::int as count from audit_events e left join audit_private p on p.event_id = e.id
      where convert_from(e.leaf, 'UTF8') like ${`%${email}%`} or to_jsonb(p)::text like ${`%${email}%`}`;
    expect(row?.count).toBe(0);
  });

  it('upgrades the parameters of a password that was hashed with others', async () => {
    const member = await addMember(acme);
    const outdated = await hashWith({ memoryCost: 9216 });
    await sql`update members set password_hash = ${outdated} where id = ${idToUuid(member.id)}`;
    expect((await signIn(member)).status).toBe(200);
    const [row] = await sql<{ password_hash: string; generation: number }[]>`
      select password_hash, generation from members where id = ${idToUuid(member.id)}`;
    expect(row).toEqual({ password_hash: expect.stringContaining('m=19456,t=2,p=1'), generation: 1 });
    expect((await signIn(member)).status).toBe(200);
  });
});

describe('whoever has no account', () => {
  it.each([
    ['was never heard of', async () => stranger()],
    ['has been removed', async () => (await changed(sql`removed_at = now()`)).email],
    ['has not joined yet', async () => (await changed(sql`joined_at = null`)).email],
    ['is not to sign in', async () => (await changed(sql`can_sign_in = false`)).email],
    ['has no password', async () => (await changed(sql`password_hash = null`)).email],
  ])('and %s cannot be told from a member who mistypes: status, headers, bytes, and lock', async (_, emailOf) => {
    const member = await addMember(acme);
    const email = await emailOf();
    for (let n = 0; n < 7; n += 1) {
      const [mistyped, unknown] = [await signIn(member, WRONG), await login(email, PASSWORD, { workspace: 'acme' })];
      expect(mistyped.status).toBe(n < 4 ? 401 : 423);
      expect(shapeOf(unknown)).toEqual(shapeOf(mistyped));
    }
  });

  it('is verified against a hash as well: once each, member or not', async () => {
    const member = await addMember(acme);
    const seen: (string | null)[] = [];
    const { passwords } = service.context;
    const { verify } = passwords;
    Object.assign(passwords, {
      verify: (password: string, stored: string | null) => {
        seen.push(stored);
        return verify(password, stored);
      },
    });
    await signIn(member, WRONG);
    await login(stranger(), WRONG, { workspace: 'acme' });
    await login(stranger(), WRONG, { workspace: 'nowhere' });
    Object.assign(passwords, { verify });
    expect(seen).toEqual([expect.stringContaining('$argon2id$'), null, null]);
  });
});

describe('five failures in a row', () => {
  it('lock for 15 minutes, also for the right password', async () => {
    const member = await addMember(acme);
    const answers = await failTimes(5, member.email);
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 423]);
    world.pass(60);
    const locked = await signIn(member);
    expect([locked.status, locked.body, locked.headers.get('retry-after')]).toEqual([
      423,
      { error: 'account_locked', message: expect.stringContaining('Too many failures'), retry_after_seconds: 840 },
      '840',
    ]);
    world.pass(840);
    expect((await signIn(member)).status).toBe(200);
  });

  it('are not in a row with a sign-in between them', async () => {
    const member = await addMember(acme);
    await failTimes(4, member.email);
    await signIn(member);
    expect((await failTimes(4, member.email)).map(({ status }) => status)).toEqual([401, 401, 401, 401]);
  });

  it('are five, however many come at once, and all are counted', async () => {
    const member = await addMember(acme);
    const answers = await Promise.all(Array.from({ length: 50 }, () => signIn(member, WRONG)));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(4);
    expect(answers.filter(({ status }) => status === 423)).toHaveLength(46);
    const key = service.context.signInKeys.accountCounter(acme.id, member.email);
    const [row] = await sql`select failures from sign_in_failures where key = ${key}`;
    expect(row?.failures).toBe(50);
  });

  it('guess five times and no more, also with the right password while forty more are being tried', async () => {
    const member = await addMember(acme);
    const tries = Array.from({ length: 49 }, () => signIn(member, WRONG));
    // Which of those that are sent at once is looked at first, nobody can tell; so the right one follows the fifth answer.
    await new Promise<void>((resolve) => {
      let answered = 0;
      const note = () => {
        answered += 1;
        if (answered === 5) resolve();
      };
      for (const one of tries) void one.then(note);
    });
    expect((await signIn(member)).status).toBe(423);
    expect((await Promise.all(tries)).filter(({ status }) => status === 200)).toEqual([]);
  });

  it('are told once as a lock, and count on in silence', async () => {
    const member = await addMember(acme);
    await failTimes(8, member.email);
    const about = async () => (await world.events(acme.id)).filter(({ targets }) => targets[0]?.id === member.id);
    await expect
      .poll(about)
      .toMatchObject([
        { action: 'member.locked' },
        { action: 'member.sign_in_failed', reason: 'locked' },
        { action: 'member.sign_in_failed', reason: 'password' },
      ]);
  });

  it('leave sessions, other workspaces and other members alone', async () => {
    const [member, neighbour] = [await addMember(acme), await addMember(acme)];
    const { body } = await signIn(member);
    await failTimes(5, member.email);
    expect((await whoami(body.access_token)).status).toBe(200);
    expect((await signIn(neighbour)).status).toBe(200);
    expect((await login(member.email, WRONG, { workspace: 'other' })).status).toBe(401);
    expect(other.id).not.toBe(acme.id);
  });
});

describe('a browser that has signed in before', () => {
  it('is not locked out by strangers, nor are they let in by it', async () => {
    const member = await addMember(acme);
    const cookie = cookieOf(await signIn(member));
    await failTimes(5, member.email);
    expect((await signIn(member, PASSWORD, cookie)).status).toBe(200);
    expect((await signIn(member)).status).toBe(423);
  });

  it('has a lock of its own', async () => {
    const member = await addMember(acme);
    const cookie = cookieOf(await signIn(member));
    const answers = await failTimes(5, member.email, cookie);
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 423]);
    expect((await signIn(member, PASSWORD, cookie)).status).toBe(423);
    expect((await signIn(member)).status).toBe(200);
  });

  it('counts for its members alone', async () => {
    const [member, victim] = [await addMember(acme), await addMember(acme)];
    const cookie = cookieOf(await signIn(member));
    await failTimes(5, victim.email);
    expect((await signIn(victim, PASSWORD, cookie)).status).toBe(423);
  });

  it('is new again once everything that was issued to the member has ended', async () => {
    const member = await addMember(acme);
    const cookie = cookieOf(await signIn(member));
    await sql`update members set generation = generation + 1 where id = ${idToUuid(member.id)}`;
    await failTimes(5, member.email);
    expect((await signIn(member, PASSWORD, cookie)).status).toBe(423);
  });
});

describe('limits per source', () => {
  it('turn failures into 429 and never refuse a right password', async () => {
    const limited = await createSignInWorld(await createTestDatabase(), {
      TOOKEN_RATE_FAILURES: '3/3600s',
      TOOKEN_RATE_REQUESTS: '2/3600s',
    });
    const workspace = await limited.service.addWorkspace('only');
    const member = await limited.addMember(workspace);
    const address = '2001:db8::1';
    const statuses = [];
    for (let n = 0; n < 5; n += 1) {
      statuses.push((await limited.login(stranger(), WRONG, { address })).status);
      statuses.push((await limited.login(member.email, PASSWORD, { address: '2001:db8::2' })).status);
    }
    expect(statuses).toEqual([401, 200, 401, 200, 401, 200, 429, 200, 429, 200]);
    expect((await limited.login(stranger(), WRONG, { address: '2001:db8:0:1::1' })).status).toBe(401);
  });
});

/** A member of the workspace of whom something is otherwise. */
async function changed(assignment: ReturnType<typeof sql>): Promise<Person> {
  const member = await addMember(acme);
  await sql`update members set ${assignment} where id = ${idToUuid(member.id)}`;
  return member;
}

async function hashWith(options: { readonly memoryCost: number }): Promise<string> {
  const { hash } = await import('@node-rs/argon2');
  return hash(PASSWORD, { algorithm: 2, timeCost: 2, parallelism: 1, ...options });
}
