import { createHmac, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { ed25519PublicKey } from '../../src/audit/hashing.ts';
import { thumbprintOf } from '../../src/identity/access-tokens/jws.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { seal } from '../../src/lib/sealed-box.ts';
import { createTestDatabase } from '../support/database.ts';
import { claims, encode, open, poolOf, time } from './access-tokens-world.ts';

test('replicas that start together make one key, and read the tokens of each other', async () => {
  const fresh = poolOf(await createTestDatabase());
  const replicas = await Promise.all(Array.from({ length: 4 }, () => open(fresh)));
  expect(await fresh.$client`select kid from access_token_keys`).toHaveLength(1);
  for (const one of replicas) for (const other of replicas) expect(other.read(one.sign(claims))).toEqual(claims);
});

test('a key that somebody with access to the database has planted signs nothing and verifies nothing', async () => {
  const fresh = poolOf(await createTestDatabase());
  const original = await open(fresh);
  const [row] = await fresh.$client<{ kid: string; public_key: Buffer; wrapped_key: Buffer }[]>`
    select * from access_token_keys`;
  if (row === undefined) throw new Error('no key');
  const seed = randomBytes(32);
  const publicKey = ed25519PublicKey(seed);
  const kid = thumbprintOf(publicKey);
  const wrongKey = Buffer.alloc(32, 9);
  const planted = [
    // Sealed under a key of their own, in the clear, moved from our row, empty, far too long.
    { kid, publicKey, wrapped: seal(wrongKey, seed, `access-token-key\n${kid}`, systemRandom) },
    { kid, publicKey, wrapped: seed },
    { kid, publicKey, wrapped: row.wrapped_key },
    { kid, publicKey, wrapped: Buffer.alloc(0) },
    { kid, publicKey, wrapped: Buffer.alloc(10_000) },
    { kid: `${row.kid}x`, publicKey: row.public_key, wrapped: row.wrapped_key },
    { kid: 'x","alg":"none', publicKey, wrapped: row.wrapped_key },
    { kid, publicKey: Buffer.alloc(0), wrapped: row.wrapped_key },
  ];
  for (const { kid, publicKey, wrapped } of planted) {
    await fresh.$client`insert into access_token_keys (kid, public_key, wrapped_key, created_at)
      values (${kid}, ${publicKey}, ${wrapped}, now() + interval '1 day')`;
    const opened = await open(fresh);
    expect(opened.jwks()).toEqual(original.jwks());
    expect(original.read(opened.sign(claims))).toEqual(claims);
    await fresh.$client`delete from access_token_keys where kid = ${kid}`;
  }
  // Our own row with another public key, whose private key somebody has.
  await fresh.$client`update access_token_keys set public_key = ${publicKey}`;
  const opened = await open(fresh);
  expect(opened.jwks().keys.map((jwk) => jwk.x)).not.toContain(publicKey.toString('base64url'));
});

test('under another master key the keys of before are worth nothing', async () => {
  const fresh = poolOf(await createTestDatabase());
  const [before, after] = [await open(fresh), await open(fresh, { wrappingKey: Buffer.alloc(32, 9) })];
  expect(after.read(before.sign(claims))).toBeUndefined();
  expect(after.jwks().keys).toHaveLength(1);
});

test('a replica finds a key that another one has made, by looking again at most every few seconds', async () => {
  const fresh = poolOf(await createTestDatabase());
  const reader = await open(fresh);
  await fresh.$client`delete from access_token_keys`;
  const text = (await open(fresh)).sign(claims);
  expect(reader.read(text)).toBeUndefined();
  expect(reader.jwks().keys).toHaveLength(1);
  time.ms += 5_000;
  expect(reader.read(text)).toBeUndefined();
  await expect.poll(() => reader.read(text)).toEqual(claims);
});

test('a forged header does not make the replica look for keys', async () => {
  const fresh = poolOf(await createTestDatabase());
  const reader = await open(fresh);
  await fresh.$client`delete from access_token_keys`;
  const maker = await open(fresh);
  time.ms += 5_000;
  const kid = maker.jwks().keys[0]?.kid ?? '';
  const [, payload, signature] = maker.sign(claims).split('.');
  expect(reader.read(`${encode({ alg: 'none', typ: 'at+jwt', kid })}.${payload}.${signature}`)).toBeUndefined();
  const other = createHmac('sha256', 'x').update(kid).digest('base64url');
  await fresh.$client`select 1`;
  expect(reader.jwks().keys[0]?.kid).not.toBe(kid);
  // A header like ours does, whatever it names.
  expect(reader.read(`${encode({ alg: 'EdDSA', typ: 'at+jwt', kid: other })}.${payload}.${signature}`)).toBeUndefined();
  await expect.poll(() => reader.jwks().keys[0]?.kid).toBe(kid);
});
