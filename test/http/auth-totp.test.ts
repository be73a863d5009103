import { generateSync } from 'otplib';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MemberCaller } from '../../src/identity/principal.ts';
import { disable } from '../../src/identity/totp/disable.ts';
import { enable, startEnrolment } from '../../src/identity/totp/enrolment.ts';
import { replaceOwnCodes } from '../../src/identity/totp/replace-codes.ts';
import { idToUuid } from '../../src/lib/ids.ts';
import type { Logger } from '../../src/telemetry/logger.ts';
import { createTestMailer, smtpAt, startSmtpServer } from '../mail/smtp-world.ts';
import { createTestDatabase } from '../support/database.ts';
import { addPerson, NOBODYS_CODE, type Person } from '../support/people.ts';
import { createTestService, type TestWorkspace } from '../support/service.ts';

const PATH = '/v1/auth/totp';
const PASSWORD = 'four words of ada';

const logged: unknown[] = [];
const logger: Logger = { log: (...entry) => logged.push(entry), isEnabled: () => true };
/** Held still: codes are of the present step also if it ends while a test runs. */
const now = new Date();
const clock = { now: () => now, monotonicMs: () => performance.now() };
const service = await createTestService(await createTestDatabase(), {}, { logger, clock });
const sql = service.context.db.$client;

let workspace: TestWorkspace;
let passwordHash: string;
let ada: Person;

beforeAll(async () => {
  workspace = await service.addWorkspace('Acme');
  passwordHash = await service.context.passwords.hash(PASSWORD);
});

beforeEach(async () => {
  ada = await addMember();
});

async function addMember(options: Parameters<typeof addPerson>[2] = { access: 'member' }): Promise<Person> {
  const person = await addPerson(service, workspace, options);
  await sql`update members set password_hash = ${passwordHash} where id = ${idToUuid(person.id)}`;
  return person;
}

const as = ({ secret }: Pick<Person, 'secret'>, method: string, path: string, json?: unknown) =>
  service.call(method, path, { secret, json });
const start = (person = ada, password = PASSWORD) => as(person, 'POST', PATH, { password });
const turnOn = (code: string, person = ada) => as(person, 'POST', `${PATH}/enable`, { code });
const turnOff = (code: string, { person = ada, password = PASSWORD } = {}) =>
  as(person, 'DELETE', PATH, { password, code });

const replaceCodes = (code: string, person = ada) => as(person, 'POST', `${PATH}/recovery-codes`, { code });

/** What an app that was told `secret` shows, so many steps from now. */
const codeOf = (secret: string, steps = 0) =>
  generateSync({ secret, epoch: Math.floor(now.getTime() / 1000) + 30 * steps });

/** An app that is on, with the code of the step before this one used up. */
async function enrol(person = ada): Promise<{ readonly secret: string; readonly codes: string[] }> {
  const { body } = await start(person);
  const enabled = await turnOn(codeOf(body.secret, -1), person);
  expect(enabled.status).toBe(200);
  return { secret: body.secret, codes: enabled.body.recovery_codes };
}

function callerOf({ id, name, workspaceId, access, sessionId }: Person): MemberCaller {
  const rights = { environment: 'live', scopes: [], authenticatedAt: now } as const;
  const request = { id: 'test', method: 'POST', route: PATH, ip: '192.0.2.1', userAgent: null };
  return { principal: { kind: 'member', id, name, workspaceId, access, sessionId, ...rights }, request };
}

async function eventsOf(person: Person) {
  const { body } = await service.call('GET', `/v1/audit-log?target=${person.id}`, { secret: workspace.live.secret });
  return body.data as { action: string; outcome: string; reason: string | null; actor: { id: string } }[];
}

describe('the way from a password to a second factor', () => {
  it('goes by an app of another make, and from then on signing in takes a code', async () => {
    const started = await start();
    expect(started.body.uri).toMatch(
      new RegExp(`^otpauth://totp/Tooken%20\\(Acme\\):usr_\\w+%40example\\.com\\?secret=${started.body.secret}&`),
    );
    expect(started.body.qr_svg).toMatch(/^<svg .*<\/svg>$/);
    const secret = new URL(started.body.uri).searchParams.get('secret') ?? '';
    const enabled = await turnOn(codeOf(secret, -1));
    expect(enabled.body.recovery_codes).toHaveLength(10);

    const login = await service.call('POST', '/v1/auth/login', {
      json: { email: ada.email, password: PASSWORD, workspace: workspace.id },
    });
    expect(login.body).toMatchObject({ requires_totp: true });
    const verified = await as({ secret: login.body.temp_token }, 'POST', `${PATH}/verify`, { code: codeOf(secret) });
    expect([verified.status, verified.body.user?.id]).toEqual([200, ada.id]);
    expect((await as({ secret: verified.body.access_token }, 'GET', PATH)).body).toEqual({
      enabled: true,
      enabled_at: expect.any(String),
      recovery_codes_left: 10,
    });
  });

  it('changes nothing before a code was entered', async () => {
    await start();
    expect((await as(ada, 'GET', PATH)).body).toEqual({ enabled: false, enabled_at: null, recovery_codes_left: 0 });
    expect(await eventsOf(ada)).toEqual([]);
  });

  it('begins anew with each start: codes of the secret before are refused', async () => {
    const first = await start();
    const second = await start();
    expect((await turnOn(codeOf(first.body.secret))).status).toBe(401);
    expect((await turnOn(codeOf(second.body.secret))).status).toBe(200);
  });

  it('needs the right password, and five wrong ones lock it for the session', async () => {
    for (let n = 0; n < 5; n += 1) expect([401, 423]).toContain((await start(ada, 'not the password')).status);
    const locked = await start();
    expect([locked.status, locked.body.error]).toEqual([423, 'account_locked']);
    expect(locked.body.retry_after_seconds).toBeGreaterThan(890);
    expect((await as(ada, 'GET', PATH)).body.enabled).toBe(false);
  });

  it.each(['000000', '12345', 'abcdef', '7K3M-Q9XT-A2BC-DE4F'])('does not end with the code %j', async (code) => {
    await start();
    const answer = await turnOn(code);
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_credentials']);
    expect(answer.body.message).toContain('clock');
    expect((await as(ada, 'GET', PATH)).body.enabled).toBe(false);
  });

  it('cannot be gone without a start, or over an hour after it', async () => {
    expect((await turnOn('123456')).status).toBe(409);
    const { body } = await start();
    await sql`update member_totp set created_at = now() - interval '61 minutes' where member_id = ${idToUuid(ada.id)}`;
    expect((await turnOn(codeOf(body.secret))).status).toBe(409);
  });

  it('cannot be gone twice', async () => {
    const { secret } = await enrol();
    expect((await start()).status).toBe(409);
    expect((await turnOn(codeOf(secret))).status).toBe(409);
  });

  it('ends for one of two who enter a code at the same time', async () => {
    const { body } = await start();
    const code = codeOf(body.secret);
    const statuses = (await Promise.all([turnOn(code), turnOn(code)])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 409]);
  });

  it('uses the code up that it ends with', async () => {
    const { body } = await start();
    const code = codeOf(body.secret);
    await turnOn(code);
    const answer = await as(ada, 'POST', '/v1/auth/step-up', { code });
    expect(answer.status).toBe(401);
  });

  it('is open to auditors too, and closed to API keys', async () => {
    const auditor = await addMember({ access: 'auditor' });
    expect((await start(auditor)).status).toBe(200);
    const answer = await service.call('POST', PATH, { secret: workspace.live.secret, json: { password: PASSWORD } });
    expect(answer.status).toBe(403);
  });
});

describe('turning it off', () => {
  it('ends every session, this one too, and signing in takes the password alone', async () => {
    const { secret } = await enrol();
    const login = await service.call('POST', '/v1/auth/login', {
      json: { email: ada.email, password: PASSWORD, workspace: workspace.id },
    });
    const waiting = login.body.temp_token;
    const off = await turnOff(codeOf(secret));
    expect([off.status, off.body.effective?.replicas]).toEqual([200, 1]);
    expect((await as(ada, 'GET', '/v1/whoami')).status).toBe(401);
    expect((await as({ secret: waiting }, 'POST', `${PATH}/verify`, { code: codeOf(secret, 1) })).status).toBe(401);
    const next = await service.call('POST', '/v1/auth/login', {
      json: { email: ada.email, password: PASSWORD, workspace: workspace.id },
    });
    expect((await as({ secret: next.body.access_token }, 'GET', PATH)).body).toEqual({
      enabled: false,
      enabled_at: null,
      recovery_codes_left: 0,
    });
  });

  it('takes a recovery code in the place of one of the app', async () => {
    const { codes } = await enrol();
    expect((await turnOff(codes[4] ?? '')).status).toBe(200);
  });

  it('takes both factors: neither password nor code is enough, and nothing is used up', async () => {
    const { secret, codes } = await enrol();
    expect((await turnOff(codes[0] ?? '', { password: 'not the password' })).status).toBe(401);
    expect((await turnOff(NOBODYS_CODE)).status).toBe(401);
    expect((await as(ada, 'DELETE', PATH, { password: PASSWORD })).status).toBe(422);
    expect((await as(ada, 'GET', PATH)).body).toMatchObject({ enabled: true, recovery_codes_left: 10 });
    expect((await turnOff(codeOf(secret))).status).toBe(200);
  });

  it('cannot be had by guessing codes, whoever knows the password and steps up in between', async () => {
    const { secret } = await enrol();
    const guesses: number[] = [];
    for (let n = 0; n < 6; n += 1) {
      guesses.push((await turnOff(NOBODYS_CODE)).status);
      const stepUp = await as(ada, 'POST', '/v1/auth/step-up', { password: PASSWORD });
      expect(stepUp.status).toBe(200);
    }
    expect(guesses.slice(0, 4)).toEqual([401, 401, 401, 401]);
    expect(guesses.slice(4)).toEqual([423, 423]);
    expect((await turnOff(codeOf(secret))).status).toBe(423);
  });

  it('is done by one of two who try at the same time', async () => {
    const { codes } = await enrol();
    const answers = await Promise.all([turnOff(codes[0] ?? ''), turnOff(codes[1] ?? '')]);
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses[0]).toBe(200);
    expect([401, 409]).toContain(statuses[1]);
    expect((await eventsOf(ada)).filter(({ action }) => action === 'member.totp_disabled')).toHaveLength(1);
  });

  it('is a conflict where there is none', async () => {
    expect((await turnOff('123456')).status).toBe(409);
    await start();
    expect((await turnOff('123456')).status).toBe(409);
  });
});

describe('new recovery codes', () => {
  it('take the place of all others', async () => {
    const { secret, codes } = await enrol();
    const { body } = await replaceCodes(codeOf(secret));
    expect(body.recovery_codes).toHaveLength(10);
    expect((await as(ada, 'POST', '/v1/auth/step-up', { code: codes[0] })).status).toBe(401);
    expect((await as(ada, 'POST', '/v1/auth/step-up', { code: body.recovery_codes[0] })).status).toBe(200);
    expect((await as(ada, 'GET', PATH)).body.recovery_codes_left).toBe(9);
    const actions = (await eventsOf(ada)).map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['member.recovery_code_used', 'member.stepped_up']));
  });

  it('are a conflict without a second factor', async () => {
    expect((await replaceCodes('123456')).status).toBe(409);
    await start();
    expect((await replaceCodes('123456')).status).toBe(409);
  });

  it('take a code, of the app or of those before: whoever has the password alone gets none', async () => {
    const { secret, codes } = await enrol();
    const stepUp = await as(ada, 'POST', '/v1/auth/step-up', { password: PASSWORD });
    const stolen = { ...ada, secret: stepUp.body.access_token };
    expect((await as(stolen, 'POST', `${PATH}/recovery-codes`)).status).toBe(422);
    expect((await replaceCodes(NOBODYS_CODE, stolen)).status).toBe(401);
    expect((await replaceCodes(codes[0] ?? '')).status).toBe(200);
    expect((await replaceCodes(codes[1] ?? '')).status).toBe(401);
    expect((await replaceCodes(codeOf(secret))).status).toBe(200);
  });

  it('cannot be had by guessing, whoever knows the password and steps up in between', async () => {
    const { secret } = await enrol();
    const guesses: number[] = [];
    for (let n = 0; n < 6; n += 1) {
      guesses.push((await replaceCodes(NOBODYS_CODE)).status);
      expect((await as(ada, 'POST', '/v1/auth/step-up', { password: PASSWORD })).status).toBe(200);
    }
    expect(guesses).toEqual([401, 401, 401, 401, 423, 423]);
    expect((await replaceCodes(codeOf(secret))).status).toBe(423);
  });
});

it('whoever has not proved who it is for ten minutes changes nothing, and may look', async () => {
  const person = await addMember({ access: 'owner', authenticatedSecondsAgo: 601 });
  const changes = [
    await start(person),
    await turnOn('123456', person),
    await turnOff('123456', { person }),
    await replaceCodes('123456', person),
  ];
  for (const { status, body } of changes) {
    expect([status, body.error]).toEqual([401, 'insufficient_user_authentication']);
  }
  expect((await as(person, 'GET', PATH)).status).toBe(200);
});

it('nobody else is touched by what a member does', async () => {
  const bob = await addMember();
  const { secret } = await enrol(bob);
  await enrol(ada);
  expect((await turnOff(codeOf(secret))).status).toBe(401);
  expect((await as(bob, 'GET', PATH)).body).toMatchObject({ enabled: true, recovery_codes_left: 10 });
  expect((await as(bob, 'GET', '/v1/whoami')).status).toBe(200);
});

it('each change is an event of its actor, and none of it, nor the log, has a password, secret or code', async () => {
  const started = await start();
  const { secret } = started.body;
  const [wrong, wrongCode] = ['wrong horse battery', NOBODYS_CODE];
  await turnOn(wrongCode);
  const { body } = await turnOn(codeOf(secret, -1));
  const replaced = await replaceCodes(body.recovery_codes[0]);
  await turnOff(replaced.body.recovery_codes[0], { password: wrong });
  await turnOff(replaced.body.recovery_codes[0]);
  // Failures are told of beside their answers, and so in any order.
  const told = async () => (await eventsOf(ada)).map((event) => [event.action, event.outcome, event.actor.id]).sort();
  await expect.poll(told).toEqual([
    ['member.recovery_codes_created', 'success', ada.id],
    ['member.sign_in_failed', 'failure', ada.id],
    ['member.totp_disabled', 'success', ada.id],
    ['member.totp_enabled', 'success', ada.id],
  ]);
  const rows = await sql<{ text: string }[]>`
    select convert_from(leaf, 'UTF8') as text from audit_events union all select convert_from(payload, 'UTF8') from audit_private`;
  const kept = JSON.stringify([rows, logged]);
  const secrets = [secret, PASSWORD, wrong, wrongCode, ...body.recovery_codes, ...replaced.body.recovery_codes];
  for (const value of secrets) expect(kept).not.toContain(value);
});

it('its owner is told of each change by mail', async () => {
  const { port, received } = await startSmtpServer();
  const { mailer } = createTestMailer(smtpAt(port));
  const deps = { ...service.context, mailer };
  const caller = callerOf(ada);
  const { secret } = await startEnrolment(deps, caller, { password: PASSWORD, deviceCookie: undefined });
  await enable(deps, caller, codeOf(secret, -1));
  await replaceOwnCodes(deps, caller, { code: codeOf(secret), deviceCookie: undefined });
  await disable(deps, caller, { password: PASSWORD, code: codeOf(secret, 1), deviceCookie: undefined });
  await mailer.stop();
  const subjects = received.map(({ source }) => /^Subject: (.*)\r$/m.exec(source)?.[1]);
  expect(subjects.sort()).toEqual([
    'New recovery codes (Acme)',
    'Two-factor sign-in is off (Acme)',
    'Two-factor sign-in is on (Acme)',
  ]);
  for (const { recipients, source } of received) {
    expect(recipients).toEqual([ada.email]);
    expect(source).not.toContain(secret);
  }
});
