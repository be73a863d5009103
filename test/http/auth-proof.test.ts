import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { countFailure } from '../../src/identity/sign-in/lockout.ts';
import { idToUuid } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { NOBODYS_CODE, type Person } from '../support/people.ts';
import type { TestWorkspace } from '../support/service.ts';
import { cookieOf, createSignInWorld, PASSWORD, shapeOf, WRONG } from './sign-in-world.ts';

const world = await createSignInWorld(await createTestDatabase());
const { service, sql, login, verify, addMember, addSecondFactor } = world;
let acme: TestWorkspace;

beforeAll(async () => {
  acme = await service.addWorkspace('acme');
});

// The audit log takes no event that is far from the time of the database.
beforeEach(() => {
  world.time.now = new Date();
});

const whoami = async (secret: string) => (await service.call('GET', '/v1/whoami', { secret })).status;
const eventsOf = async ({ id }: Person) =>
  (await world.events(acme.id)).filter(({ targets }) => targets.some((target) => target.id === id));

describe('a sign-in with a second factor', () => {
  async function begin() {
    const member = await addMember(acme);
    const { code, codes } = await addSecondFactor(member.id);
    const answer = await login(member.email, PASSWORD);
    return { member, code, codes, answer, token: answer.body.temp_token as string };
  }

  it('asks for it before anything else is given', async () => {
    const { member, answer } = await begin();
    expect([answer.status, answer.body, answer.headers.get('set-cookie')]).toEqual([
      200,
      { requires_totp: true, temp_token: expect.stringMatching(/^eyJ/), expires_in: 300 },
      null,
    ]);
    expect(await eventsOf(member)).toEqual([]);
  });

  it('is completed by a code of the app', async () => {
    const { member, code, token } = await begin();
    const { status, body, headers } = await verify(token, code());
    expect([status, body.user.id, await whoami(body.access_token)]).toEqual([200, member.id, 200]);
    expect(headers.get('set-cookie')).toContain('tooken_device=');
    expect(await eventsOf(member)).toMatchObject([{ action: 'member.signed_in', actor: { id: member.id } }]);
  });

  it('is completed by a recovery code, which is told', async () => {
    const { member, codes, token } = await begin();
    expect((await verify(token, codes[0] ?? '')).status).toBe(200);
    expect(await eventsOf(member)).toMatchObject([
      { action: 'member.recovery_code_used' },
      { action: 'member.signed_in' },
    ]);
  });

  it('gives a temporary token that is good for nothing else, and takes no access token for one', async () => {
    const { member, code, token } = await begin();
    expect(await whoami(token)).toBe(401);
    expect((await verify(member.secret, code())).status).toBe(401);
    expect((await service.call('POST', '/v1/auth/totp/verify', { json: { code: code() } })).status).toBe(401);
  });

  it('is completed once by one temporary token, however many try at once', async () => {
    const { code, codes, token } = await begin();
    const tries = [code(), code(-1), code(1), codes[0] ?? '', codes[1] ?? ''].map((one) => verify(token, one));
    expect((await Promise.all(tries)).map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401]);
    // Those that came too late have used up nothing.
    const again = await login((await begin()).member.email, PASSWORD);
    expect(again.status).toBe(200);
  });

  it('is completed once by one code, however many tokens try at once', async () => {
    const { member, code, token } = await begin();
    const another = (await login(member.email, PASSWORD)).body.temp_token;
    const tries = [verify(token, code()), verify(another, code())];
    expect((await Promise.all(tries)).map(({ status }) => status).sort()).toEqual([200, 401]);
  });

  it('takes five codes, counted though they come at once', async () => {
    const { member, codes, token } = await begin();
    const key = service.context.signInKeys.accountCounter(acme.id, member.email);
    await Promise.all(Array.from({ length: 20 }, () => verify(token, NOBODYS_CODE)));
    await sql`delete from sign_in_failures where key = ${key}`;
    expect((await verify(token, codes[0] ?? '')).status).toBe(401);
    const fresh = (await login(member.email, PASSWORD)).body.temp_token;
    expect((await verify(fresh, codes[0] ?? '')).status).toBe(200);
  });

  it('is to be completed within five minutes', async () => {
    const [early, late] = [await begin(), await begin()];
    world.pass(299);
    expect((await verify(early.token, early.code())).status).toBe(200);
    world.pass(1);
    expect((await verify(late.token, late.code())).status).toBe(401);
  });

  it('dies with everything else that was issued to the member', async () => {
    const { member, code, token } = await begin();
    await sql`update members set generation = generation + 1 where id = ${idToUuid(member.id)}`;
    expect((await verify(token, code())).status).toBe(401);
  });

  it('answers alike whatever is wrong with code or token', async () => {
    const { token } = await begin();
    const answers = [
      await verify(token, NOBODYS_CODE),
      await verify(token, 'nonsense'),
      await verify('nonsense', NOBODYS_CODE),
    ];
    for (const answer of answers) expect(shapeOf(answer)).toEqual(shapeOf(answers[0] ?? answer));
  });

  it('counts wrong codes with wrong passwords, and a right password between them resets nothing', async () => {
    const { member, code, token } = await begin();
    for (let n = 0; n < 2; n += 1) await login(member.email, WRONG);
    await verify(token, NOBODYS_CODE);
    await login(member.email, PASSWORD);
    await verify(token, NOBODYS_CODE);
    expect((await login(member.email, WRONG)).status).toBe(423);
    expect((await verify(token, code())).status).toBe(423);
    await expect
      .poll(async () => (await eventsOf(member)).map(({ action, reason }) => [action, reason]))
      .toContainEqual(['member.sign_in_failed', 'totp']);
  });

  it('is not hindered by a lock where the member has signed in before', async () => {
    const { member, code, codes, token } = await begin();
    const cookie = cookieOf(await verify(token, code()));
    for (let n = 0; n < 5; n += 1) await login(member.email, WRONG);
    const next = (await login(member.email, PASSWORD, { cookie })).body.temp_token;
    expect((await verify(next, codes[0] ?? '', cookie)).status).toBe(200);
  });
});

describe('stepping up', () => {
  const stepUp = (secret: string, json: unknown) => service.call('POST', '/v1/auth/step-up', { secret, json });

  it('by the password gives an access token of the same session that has just been proved', async () => {
    const member = await addMember(acme, 'owner');
    const { secret } = member;
    world.pass(601);
    const change = { current_password: PASSWORD, new_password: 'another four quiet lakes' };
    const refused = await service.call('POST', '/v1/auth/password', { secret, json: change });
    expect([refused.status, refused.body.error]).toEqual([401, 'insufficient_user_authentication']);
    const { status, body } = await stepUp(secret, { password: PASSWORD });
    expect([status, body]).toEqual([
      200,
      { access_token: expect.stringMatching(/^eyJ/), token_type: 'Bearer', expires_in: 900 },
    ]);
    const claims = service.context.accessTokens.read(body.access_token);
    expect(claims?.sessionId).toBe(member.sessionId);
    expect((await service.call('POST', '/v1/auth/password', { secret: body.access_token, json: change })).status).toBe(
      200,
    );
    expect((await eventsOf(member)).map(({ action }) => action)).toEqual([
      'member.password_changed',
      'member.stepped_up',
    ]);
  });

  it('by a code uses it up', async () => {
    const member = await addMember(acme);
    const { code } = await addSecondFactor(member.id);
    expect((await stepUp(member.secret, { code: code() })).status).toBe(200);
    expect((await stepUp(member.secret, { code: code() })).status).toBe(401);
  });

  it.each([[{}], [{ password: PASSWORD, code: '000000' }]])('takes either of the two: %j', async (json) => {
    const { secret } = await addMember(acme);
    expect((await stepUp(secret, json)).body.details).toEqual([
      { path: 'password', message: 'send either password or code' },
    ]);
  });

  it('that fails five times locks the session, and the account for who guesses there', async () => {
    const member = await addMember(acme);
    const answers = [];
    for (let n = 0; n < 6; n += 1) answers.push(await stepUp(member.secret, { password: n === 5 ? PASSWORD : WRONG }));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 423, 423]);
    expect((await login(member.email, PASSWORD)).status).toBe(423);
    await expect
      .poll(() => eventsOf(member))
      .toMatchObject([
        { action: 'member.locked' },
        { action: 'member.sign_in_failed', reason: 'locked' },
        { action: 'member.sign_in_failed', reason: 'locked' },
        { action: 'member.sign_in_failed', reason: 'password', actor: { type: 'member', id: member.id } },
      ]);
  });

  it('is not hindered by strangers', async () => {
    const member = await addMember(acme);
    for (let n = 0; n < 5; n += 1) await login(member.email, WRONG);
    expect((await stepUp(member.secret, { password: PASSWORD })).status).toBe(200);
  });
});

describe('changing the password', () => {
  const NEW = 'another four quiet lakes';
  const change = (secret: string, json: { current_password: string; new_password: string }, cookie?: string) =>
    service.call('POST', '/v1/auth/password', { secret, json, headers: cookie === undefined ? {} : { cookie } });

  it('ends all that was issued before, but goes on where it was made', async () => {
    const member = await addMember(acme);
    const elsewhere = (await login(member.email, PASSWORD)).body;
    const here = await login(member.email, PASSWORD);
    const cookie = cookieOf(here);
    const { status, body, headers } = await change(
      here.body.access_token,
      { current_password: PASSWORD, new_password: NEW },
      cookie,
    );
    expect([status, body.effective.replicas]).toEqual([200, 1]);
    for (const secret of [member.secret, elsewhere.access_token, here.body.access_token]) {
      expect(await whoami(secret)).toBe(401);
    }
    const refresh = { refresh_token: elsewhere.refresh_token };
    expect((await service.call('POST', '/v1/auth/refresh', { json: refresh })).status).toBe(401);
    expect(await whoami(body.access_token)).toBe(200);
    expect((await login(member.email, PASSWORD)).status).toBe(401);
    expect((await login(member.email, NEW)).status).toBe(200);
    // The cookie from before has no standing any more; the new one has.
    for (let n = 0; n < 5; n += 1) await login(member.email, WRONG);
    expect((await login(member.email, NEW, { cookie })).status).toBe(423);
    expect((await login(member.email, NEW, { cookie: cookieOf({ headers }) })).status).toBe(200);
  });

  it('ends a sign-in that waits for its second factor', async () => {
    const member = await addMember(acme);
    const { code } = await addSecondFactor(member.id);
    const token = (await login(member.email, PASSWORD)).body.temp_token;
    expect((await change(member.secret, { current_password: PASSWORD, new_password: NEW })).status).toBe(200);
    expect((await verify(token, code())).status).toBe(401);
  });

  it('takes the current one, and failures are counted', async () => {
    const member = await addMember(acme);
    const answers = [];
    for (let n = 0; n < 6; n += 1) {
      const current = n === 5 ? PASSWORD : WRONG;
      answers.push(await change(member.secret, { current_password: current, new_password: NEW }));
    }
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 423, 423]);
  });

  it.each([
    ['too short', 'at least 12 characters'],
    ['Password1234!', 'guessed first'],
    [PASSWORD, 'must not be the current one'],
  ])('refuses %j, and says why', async (password, problem) => {
    const member = await addMember(acme);
    const { status, body } = await change(member.secret, { current_password: PASSWORD, new_password: password });
    expect([status, body.details]).toEqual([
      422,
      [{ path: 'new_password', message: expect.stringContaining(problem) }],
    ]);
    expect(await whoami(member.secret)).toBe(200);
  });

  it('by two at once happens once', async () => {
    const member = await addMember(acme);
    const tries = [NEW, `${NEW} again`].map((password) =>
      change(member.secret, { current_password: PASSWORD, new_password: password }),
    );
    expect((await Promise.all(tries)).map(({ status }) => status).sort()).toEqual([200, 401]);
  });
});

it.each([
  ['POST', '/v1/auth/step-up', { password: PASSWORD }],
  ['POST', '/v1/auth/password', { current_password: PASSWORD, new_password: PASSWORD }],
  ['POST', '/v1/auth/totp', { password: PASSWORD }],
  ['DELETE', '/v1/auth/totp', { password: PASSWORD, code: '000000' }],
])(
  '%s %s does not tell that a password is right which was waiting when others locked it',
  async (method, path, json) => {
    const member = await addMember(acme);
    await addSecondFactor(member.id);
    const { db, signInKeys, passwords } = service.context;
    vi.spyOn(passwords, 'verify').mockImplementationOnce(async () => {
      const key = signInKeys.sessionCounter(member.sessionId);
      for (let n = 0; n < 5; n += 1) await countFailure(db, key, world.time.now);
      return true;
    });
    const { status, body } = await service.call(method, path, { secret: member.secret, json });
    expect([status, body.error]).toEqual([423, 'account_locked']);
  },
);
