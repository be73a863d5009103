import { afterAll } from 'vitest';
import { openPool } from '../../src/db/connection.ts';
import { openAccessTokens } from '../../src/identity/access-tokens/access-tokens.ts';
import type { AccessTokenClaims } from '../../src/identity/access-tokens/claims.ts';
import { newId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { TestDatabase } from '../support/database.ts';

export const ISSUER = 'https://tooken.example.com';
export const WRAPPING_KEY = Buffer.alloc(32, 8);
/** On the monotonic clock. */
export const time = { ms: 0 };
export const ids = { clock: { now: () => new Date(), monotonicMs: () => time.ms }, random: systemRandom };

/** Closed when the test file ends. */
export function poolOf(database: TestDatabase) {
  const pool = openPool(database.app, { maxConnections: 4, applicationName: 'tooken-test' });
  afterAll(() => pool.close());
  return pool.db;
}

/** Access tokens of a replica on this database. */
export const open = (db: ReturnType<typeof poolOf>, options: { publicUrl?: string; wrappingKey?: Buffer } = {}) =>
  openAccessTokens({ ...ids, db, wrappingKey: WRAPPING_KEY, publicUrl: ISSUER, ...options });

export const claims: AccessTokenClaims = {
  sessionId: newId('ses', ids),
  memberId: newId('usr', ids),
  workspaceId: newId('ws', ids),
  access: 'admin',
  generation: 3,
  authenticatedAt: new Date('2027-01-31T11:59:00Z'),
  issuedAt: new Date('2027-01-31T12:00:00Z'),
  expiresAt: new Date('2027-01-31T12:15:00Z'),
};

export const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
