import { afterAll } from 'vitest';
import { createMasterKey } from '../../src/credentials/master-key.ts';
import { inTransaction, openPool } from '../../src/db/connection.ts';
import { hotp } from '../../src/identity/totp/hotp.ts';
import { createSecondFactorKeys } from '../../src/identity/totp/keys.ts';
import { formatRecoveryCode, generateRecoveryCodes } from '../../src/identity/totp/recovery-codes.ts';
import { verifySecondFactor } from '../../src/identity/totp/second-factor.ts';
import { idToUuid, type MemberId, newId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { TestDatabase } from '../support/database.ts';

/** Members with an authenticator app, on a database of its own, and the time held still. */
export async function createTotpWorld(database: TestDatabase) {
  const { db, close } = openPool(database.app, { maxConnections: 4, applicationName: 'tooken-test' });
  afterAll(close);
  const sql = db.$client;
  const now = new Date('2026-05-05T12:00:10Z');
  const clock = { now: () => now, monotonicMs: () => 0 };
  const ids = { clock, random: systemRandom };
  const secondFactorKeys = createSecondFactorKeys(createMasterKey(Buffer.alloc(32, 3)));
  const workspaceId = newId('ws', ids);
  await sql`insert into workspaces (id, name, token_prefix, created_at, updated_at)
    values (${idToUuid(workspaceId)}, 'Acme', 'tkn', now(), now())`;
  const present = Math.floor(now.getTime() / 30_000);

  return {
    db,
    sql,
    /** A member with an app that is enabled, or still being enrolled, and with recovery codes. */
    async addMember({ isEnabled = true } = {}) {
      const id = newId('usr', ids);
      const secret = systemRandom.bytes(20);
      const codes = generateRecoveryCodes(systemRandom);
      await sql`insert into members (id, workspace_id, email, name, access, created_at, created_by)
        values (${idToUuid(id)}, ${idToUuid(workspaceId)}, ${`${id}@example.com`}, 'Ada', 'member', now(), 'system')`;
      await sql`insert into member_totp (member_id, sealed_secret, created_at, enabled_at)
        values (${idToUuid(id)}, ${secondFactorKeys.sealSecret(id, secret, systemRandom)}, now(),
          ${isEnabled ? now.toISOString() : null})`;
      for (const code of codes) {
        await sql`insert into recovery_codes (member_id, digest)
          values (${idToUuid(id)}, ${secondFactorKeys.digestCode(id, code)})`;
      }
      return {
        id,
        secret,
        codes: codes.map(formatRecoveryCode),
        codeAt: (step: number) => hotp(secret, present + step),
      };
    },
    /** In a transaction of its own. */
    verify: (id: MemberId, code: string) =>
      inTransaction(db, (tx) => verifySecondFactor(tx, { secondFactorKeys }, id, code, now)),
  };
}
