import { logIdOf } from '../../src/audit/events/append.ts';
import type { SmtpSettings } from '../../src/config/smtp.ts';
import { inTransaction } from '../../src/db/connection.ts';
import type { AccessLevel } from '../../src/identity/access-level.ts';
import { hotp } from '../../src/identity/totp/hotp.ts';
import { formatRecoveryCode, generateRecoveryCodes } from '../../src/identity/totp/recovery-codes.ts';
import { replaceRecoveryCodes } from '../../src/identity/totp/store.ts';
import { STEP_SECONDS } from '../../src/identity/totp/totp.ts';
import { idToUuid, type MemberId, type WorkspaceId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { TestAnswer } from '../support/answer.ts';
import type { TestDatabase } from '../support/database.ts';
import { addPerson, type Person } from '../support/people.ts';
import { createTestService } from '../support/service.ts';

export const PASSWORD = 'four quiet lakes at dawn';
export const WRONG = 'four quiet lakes at dusk';

export interface LoginOptions {
  readonly workspace?: string;
  readonly cookie?: string | undefined;
  readonly address?: string;
}

/** People who sign in with a password, on a service whose clock a test can set. */
export async function createSignInWorld(database: TestDatabase, env: Record<string, string> = {}, smtp?: SmtpSettings) {
  const time = { now: new Date() };
  const clock = { now: () => time.now, monotonicMs: () => performance.now() };
  const service = await createTestService(database, env, { clock, smtp });
  const { context } = service;
  const sql = context.db.$client;
  const hash = await context.passwords.hash(PASSWORD);

  const cookies = (cookie: string | undefined) => (cookie === undefined ? {} : { cookie });
  const login = (email: string, password: string, { workspace, cookie, address }: LoginOptions = {}) =>
    service.call('POST', '/v1/auth/login', {
      json: { email, password, ...(workspace !== undefined && { workspace }) },
      headers: cookies(cookie),
      ...(address !== undefined && { address }),
    });

  return {
    service,
    sql,
    time,
    login,
    pass: (seconds: number) => {
      time.now = new Date(time.now.getTime() + seconds * 1000);
    },
    async addMember(workspace: { readonly id: WorkspaceId }, access: AccessLevel = 'member'): Promise<Person> {
      const person = await addPerson(service, workspace, { access });
      await sql`update members set password_hash = ${hash} where id = ${idToUuid(person.id)}`;
      return person;
    },
    verify: (temporaryToken: string, code: string, cookie?: string) =>
      service.call('POST', '/v1/auth/totp/verify', {
        secret: temporaryToken,
        json: { code },
        headers: cookies(cookie),
      }),
    /** Turns the second factor of a member on: what its codes are now, and its recovery codes. */
    async addSecondFactor(id: MemberId) {
      const secret = systemRandom.bytes(20);
      const sealed = context.secondFactorKeys.sealSecret(id, secret, systemRandom);
      const codes = generateRecoveryCodes(systemRandom);
      const digests = codes.map((code) => context.secondFactorKeys.digestCode(id, code) ?? Buffer.alloc(0));
      await sql`
        insert into member_totp (member_id, sealed_secret, created_at, enabled_at)
        values (${idToUuid(id)}, ${sealed}, now(), now())`;
      await inTransaction(context.db, (tx) => replaceRecoveryCodes(tx, id, digests));
      const code = (steps = 0) => hotp(secret, Math.floor(time.now.getTime() / 1000 / STEP_SECONDS) + steps);
      return { code, codes: codes.map(formatRecoveryCode) };
    },
    /** What the log of a workspace, or of the installation, says of sign-ins, by action and reason. */
    async events(workspaceId: WorkspaceId | null): Promise<SignInEvent[]> {
      const rows = await sql<{ leaf: SignInEvent }[]>`
        select convert_from(leaf, 'UTF8')::jsonb as leaf from audit_events
        where log_id = ${logIdOf(workspaceId)} and convert_from(leaf, 'UTF8')::jsonb ->> 'action' like 'member.%'`;
      const nameOf = ({ action, reason }: SignInEvent) => `${action} ${reason ?? ''}`;
      return rows.map(({ leaf }) => leaf).sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
    },
  };
}

export interface SignInEvent {
  readonly action: string;
  readonly reason?: string;
  readonly actor: { readonly type: string; readonly id: string | null };
  readonly targets: readonly { readonly type: string; readonly id: string }[];
}

export function cookieOf({ headers }: Pick<TestAnswer, 'headers'>): string | undefined {
  return headers.get('set-cookie')?.split(';')[0];
}

/** All that an answer says, but for what tells requests apart. */
export function shapeOf({ status, text, headers }: TestAnswer) {
  return { status, text, headers: [...headers].filter(([name]) => name !== 'x-request-id' && name !== 'date') };
}
