import { afterAll, describe, expect, it } from 'vitest';
import { createDigest } from '../../src/credentials/digest.ts';
import { inTransaction, openPool } from '../../src/db/connection.ts';
import type { LinkKind } from '../../src/identity/links/link.ts';
import { createLink, lookUpLink, redeemLink, whoseLink } from '../../src/identity/links/links.ts';
import { idToUuid, type MemberId, newId, type WorkspaceId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createTestDatabase } from '../support/database.ts';

const { app } = await createTestDatabase();
const { db, close } = openPool(app, { maxConnections: 8, applicationName: 'tooken-test' });
afterAll(close);
const sql = db.$client;
const now = new Date('2026-05-05T12:00:00Z');
const deps = {
  db,
  clock: { now: () => now, monotonicMs: () => 0 },
  random: systemRandom,
  digest: createDigest(Buffer.alloc(32, 5)),
  config: { publicUrl: 'https://id.example.com' },
};

const workspaceId: WorkspaceId = newId('ws', deps);
await sql`insert into workspaces (id, name, token_prefix, created_at, updated_at)
  values (${idToUuid(workspaceId)}, 'acme', 'tkn', now(), now())`;

async function addMember(): Promise<MemberId> {
  const id = newId('usr', deps);
  await sql`insert into members (id, workspace_id, email, name, access, created_at, created_by)
    values (${idToUuid(id)}, ${idToUuid(workspaceId)}, ${`${id}@example.com`}, 'Ada', 'member', now(), 'system')`;
  return id;
}

const make = (memberId: MemberId, kind: LinkKind = 'reset') =>
  inTransaction(db, (tx) => createLink(tx, deps, { memberId, kind, createdBy: 'system' }));
const redeem = (secret: string, kinds: readonly LinkKind[] = ['reset'], at = now) =>
  inTransaction(db, (tx) => redeemLink(tx, deps, secret, kinds, at));

describe('a link', () => {
  it('has its secret in the fragment, and leaves a digest behind', async () => {
    const { url, secret, expiresAt } = await make(await addMember());
    expect(url).toBe(`https://id.example.com/link#${secret}`);
    expect(new URL(url).pathname).toBe('/link');
    expect(expiresAt).toEqual(new Date('2026-05-08T12:00:00Z'));
    const rows = await sql`select digest from member_links where digest = ${deps.digest(secret)}`;
    expect(rows).toHaveLength(1);
  });

  it('is looked at as often as one likes, and used once', async () => {
    const memberId = await addMember();
    const { secret } = await make(memberId);
    for (let n = 0; n < 3; n += 1) {
      expect(await lookUpLink(deps, secret, ['reset'], now)).toMatchObject({ kind: 'reset', member: { id: memberId } });
    }
    expect(await redeem(secret)).toMatchObject({ kind: 'reset', member: { id: memberId } });
    expect(await redeem(secret)).toBeUndefined();
    expect(await lookUpLink(deps, secret, ['reset'], now)).toBeUndefined();
    expect(await whoseLink(deps, secret)).toEqual({ memberId, workspaceId });
  });

  it('is used by one of many at once', async () => {
    const { secret } = await make(await addMember());
    const redeemed = await Promise.all(Array.from({ length: 8 }, () => redeem(secret)));
    expect(redeemed.filter((one) => one !== undefined)).toHaveLength(1);
  });

  it('is unused if the transaction that uses it fails', async () => {
    const { secret } = await make(await addMember());
    const failing = inTransaction(db, async (tx) => {
      await redeemLink(tx, deps, secret, ['reset'], now);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await redeem(secret)).toBeDefined();
  });

  it('is good up to its end and not at it, for its own kind alone, and not for who was removed', async () => {
    const memberId = await addMember();
    const { secret, expiresAt } = await make(memberId, 'invitation');
    const before = new Date(expiresAt.getTime() - 1);
    expect(await redeem(secret, ['reset'], before)).toBeUndefined();
    expect(await redeem(secret, ['invitation', 'set_up'], expiresAt)).toBeUndefined();
    expect(await lookUpLink(deps, secret, ['invitation'], before)).toBeDefined();
    await sql`update members set removed_at = now(), email = null where id = ${idToUuid(memberId)}`;
    expect(await redeem(secret, ['invitation'], before)).toBeUndefined();
  });

  it('is replaced by a newer one of the member, whatever its kind', async () => {
    const memberId = await addMember();
    const first = await make(memberId, 'invitation');
    const made = [];
    for (const kind of ['reset', 'set_up'] as const) made.push(await make(memberId, kind));
    expect(await whoseLink(deps, first.secret)).toBeUndefined();
    expect(await redeem(first.secret, ['invitation'])).toBeUndefined();
    expect(await redeem(made[0]?.secret ?? '', ['reset'])).toBeUndefined();
    expect(await redeem(made[1]?.secret ?? '', ['set_up'])).toBeDefined();
  });

  it.each(['', 'tokl_', `tokr_${'x'.repeat(43)}`, `tokl_${'x'.repeat(44)}`, `tokl_${'-'.repeat(43)}`])(
    '%j is none',
    async (text) => {
      expect(await redeem(text)).toBeUndefined();
      expect(await lookUpLink(deps, text, ['reset'], now)).toBeUndefined();
    },
  );
});
