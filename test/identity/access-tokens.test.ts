import { createHmac, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import * as jose from 'jose';
import { afterAll, expect, test } from 'vitest';
import { ed25519PublicKey, signEd25519 } from '../../src/audit/hashing.ts';
import { openPool } from '../../src/db/connection.ts';
import { isAccessToken, openAccessTokens } from '../../src/identity/access-tokens/access-tokens.ts';
import type { AccessTokenClaims, TemporaryTokenClaims } from '../../src/identity/access-tokens/claims.ts';
import { thumbprintOf } from '../../src/identity/access-tokens/jws.ts';
import { newId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { seal, unseal } from '../../src/lib/sealed-box.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const ISSUER = 'https://tooken.example.com';
const WRAPPING_KEY = Buffer.alloc(32, 8);
const time = { ms: 0 };
const ids = { clock: { now: () => new Date(), monotonicMs: () => time.ms }, random: systemRandom };

function poolOf(database: TestDatabase) {
  const pool = openPool(database.app, { maxConnections: 4, applicationName: 'tooken-test' });
  afterAll(() => pool.close());
  return pool.db;
}

const open = (db: ReturnType<typeof poolOf>, options: { publicUrl?: string; wrappingKey?: Buffer } = {}) =>
  openAccessTokens({ ...ids, db, wrappingKey: WRAPPING_KEY, publicUrl: ISSUER, ...options });

const db = poolOf(await createTestDatabase());
const tokens = await open(db);

const claims: AccessTokenClaims = {
  sessionId: newId('ses', ids),
  memberId: newId('usr', ids),
  workspaceId: newId('ws', ids),
  access: 'admin',
  generation: 3,
  authenticatedAt: new Date('2027-01-31T11:59:00Z'),
  issuedAt: new Date('2027-01-31T12:00:00Z'),
  expiresAt: new Date('2027-01-31T12:15:00Z'),
};
const temporary: TemporaryTokenClaims = {
  challengeId: newId('chl', ids),
  memberId: claims.memberId,
  workspaceId: claims.workspaceId,
  issuedAt: claims.issuedAt,
  expiresAt: new Date('2027-01-31T12:05:00Z'),
};
const signed = tokens.sign(claims);
const [header = '', payload = '', signature = ''] = signed.split('.');
const json = (part: string) => Buffer.from(part, 'base64url').toString('utf8');
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The seed and the id of the key that signs. */
async function signingKey() {
  const [row] = await db.$client<{ kid: string; wrapped_key: Buffer }[]>`select * from access_token_keys`;
  if (row === undefined) throw new Error('no key');
  const seed = unseal(WRAPPING_KEY, row.wrapped_key, `access-token-key\n${row.kid}`);
  if (seed === undefined) throw new Error('sealed otherwise');
  return { kid: row.kid, seed };
}
const key = await signingKey();

/** A token of these parts, signed with our own key whatever they say. */
function forge(headerPart: string, payloadPart: string): string {
  const text = `${headerPart}.${payloadPart}`;
  return `${text}.${signEd25519(key.seed, Buffer.from(text)).toString('base64url')}`;
}

test('an access token reads back as what was signed, to the second', () => {
  expect(tokens.read(signed)).toEqual(claims);
  const late = { ...claims, authenticatedAt: new Date(claims.authenticatedAt.getTime() + 999) };
  expect(tokens.read(tokens.sign(late))).toEqual(claims);
  expect(isAccessToken(signed)).toBe(true);
  expect(tokens.read(forge(header, payload))).toEqual(claims);
});

test('two access tokens of the same claims are two', () => {
  expect(tokens.sign(claims)).not.toBe(signed);
});

test('a header and the claims have exactly the documented members', () => {
  expect(json(header)).toBe(`{"alg":"EdDSA","typ":"at+jwt","kid":"${key.kid}"}`);
  expect(JSON.parse(json(payload))).toEqual({
    iss: ISSUER,
    aud: ISSUER,
    sub: claims.memberId,
    sid: claims.sessionId,
    workspace: claims.workspaceId,
    access: 'admin',
    gen: 3,
    auth_time: 1_801_396_740,
    iat: 1_801_396_800,
    exp: 1_801_397_700,
    jti: expect.stringMatching(/^[\w-]{22}$/),
  });
});

test('another implementation verifies our tokens with the keys as they are served', async () => {
  const keySet = jose.createLocalJWKSet(tokens.jwks() as jose.JSONWebKeySet);
  const options = {
    issuer: ISSUER,
    audience: ISSUER,
    typ: 'at+jwt',
    algorithms: ['EdDSA'],
    currentDate: claims.issuedAt,
  };
  const { payload, protectedHeader } = await jose.jwtVerify(signed, keySet, options);
  expect(payload.sub).toBe(claims.memberId);
  expect(protectedHeader.kid).toBe(key.kid);
  const [jwk] = tokens.jwks().keys;
  expect(await jose.calculateJwkThumbprint(jwk as jose.JWK)).toBe(jwk?.kid);
});

test('the thumbprint is that of RFC 8037, appendix A.3', () => {
  const publicKey = Buffer.from('11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', 'base64url');
  expect(thumbprintOf(publicKey)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
});

test('what another key, algorithm, type, issuer or audience has signed is no access token', async () => {
  const good = JSON.parse(json(payload)) as jose.JWTPayload;
  const own = await jose.importJWK(
    { ...tokens.jwks().keys[0], d: key.seed.toString('base64url') } as jose.JWK,
    'EdDSA',
  );
  const make = (
    claimSet: jose.JWTPayload,
    head: Record<string, unknown>,
    signer: jose.CryptoKey | Uint8Array = own as jose.CryptoKey,
  ) => new jose.SignJWT(claimSet).setProtectedHeader(head as jose.JWTHeaderParameters).sign(signer);
  const head = { alg: 'EdDSA', typ: 'at+jwt', kid: key.kid };
  // The way it is made is right: only what differs below is wrong.
  expect(tokens.read(await make(good, head))).toEqual(claims);

  const stranger = generateKeyPairSync('ed25519').privateKey as unknown as jose.CryptoKey;
  const publicKey = Buffer.from(tokens.jwks().keys[0]?.x ?? '', 'base64url');
  const spki = createPublicKey({ key: { ...tokens.jwks().keys[0] }, format: 'jwk' }).export({
    type: 'spki',
    format: 'pem',
  });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey as unknown as jose.CryptoKey;
  const refused = [
    await make(good, head, stranger),
    await make(good, { ...head, alg: 'HS256' }, publicKey),
    await make(good, { ...head, alg: 'HS256' }, Buffer.from(spki)),
    await make(good, { ...head, alg: 'RS256' }, rsa),
    `${encode({ ...head, alg: 'none' })}.${payload}.`,
    `${encode({ ...head, alg: 'none' })}.${payload}.${signature}`,
    `${header}.${payload}.`,
    await make(good, { ...head, alg: 'Ed25519' }),
    await make(good, { ...head, typ: 'JWT' }),
    await make(good, { ...head, typ: 'application/at+jwt' }),
    await make(good, { ...head, typ: 'AT+JWT' }),
    await make(good, { alg: 'EdDSA', kid: key.kid }),
    await make(good, { alg: 'EdDSA', typ: 'at+jwt' }),
    await make(good, { ...head, kid: 'another' }),
    await make(good, { kid: key.kid, typ: 'at+jwt', alg: 'EdDSA' }),
    await make(good, { ...head, cty: 'JWT' }),
    await make(good, { ...head, jwk: { ...tokens.jwks().keys[0] } }),
    await make(good, { ...head, jku: 'https://attacker.example' }),
    forge(encode({ ...head, crit: ['b64'], b64: false }), payload),
    await make({ ...good, iss: 'https://other.example.com' }, head),
    await make({ ...good, iss: `${ISSUER}/` }, head),
    await make({ ...good, aud: 'https://other.example.com' }, head),
    await make({ ...good, aud: [ISSUER] }, head),
    await make({ ...good, aud: `${ISSUER}/v1/auth/totp/verify` }, head),
  ];
  expect(refused.map((text) => tokens.read(text))).toEqual(refused.map(() => undefined));
});

test('claims that we would not write are refused, though our key has signed them', () => {
  const good = JSON.parse(json(payload)) as Record<string, unknown>;
  const { exp: _exp, ...endless } = good;
  const changed = [
    endless,
    { ...good, admin: true },
    { ...good, access: 'root' },
    { ...good, gen: 0 },
    { ...good, gen: '3' },
    { ...good, gen: 1.5 },
    { ...good, exp: 1e300 },
    { ...good, exp: -1 },
    { ...good, iat: null },
    { ...good, sub: claims.sessionId },
    { ...good, sid: claims.memberId },
    { ...good, workspace: 'ws_' },
    { ...good, jti: 7 },
    { jti: good.jti, ...good },
    [good],
    null,
  ];
  for (const each of changed) expect(tokens.read(forge(header, encode(each)))).toBeUndefined();
  const raw = (text: string) => forge(header, Buffer.from(text).toString('base64url'));
  const text = json(payload);
  for (const each of [
    '',
    '{',
    ` ${text}`,
    `${text}\n`,
    text.replace('"gen":3', '"gen":3,"gen":3'),
    text.replace('3', '3.0'),
  ]) {
    expect(tokens.read(raw(each))).toBeUndefined();
  }
  expect(tokens.read(forge(header, Buffer.from([0xff, 0xfe]).toString('base64url')))).toBeUndefined();
});

test('a token with any character changed, added or taken away is refused', () => {
  for (let at = 0; at <= signed.length; at += 1) {
    for (const other of ['A', 'B', '_', '=', '.', ' ', 'é']) {
      const replaced = signed.slice(0, at) + other + signed.slice(at + 1);
      const inserted = signed.slice(0, at) + other + signed.slice(at);
      for (const text of [replaced, inserted]) if (text !== signed) expect(tokens.read(text)).toBeUndefined();
    }
    if (at < signed.length) expect(tokens.read(signed.slice(0, at) + signed.slice(at + 1))).toBeUndefined();
  }
});

test('a signature with spare bits set is refused, since one text only stands for it', () => {
  // 64 bytes are 86 characters, of which the last has four bits to spare.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(signed.slice(-1));
  for (let spare = 1; spare < 16; spare += 1) {
    const text = signed.slice(0, -1) + alphabet.charAt(last + spare);
    expect(Buffer.from(text.split('.')[2] ?? '', 'base64url')).toEqual(Buffer.from(signature, 'base64url'));
    expect(tokens.read(text)).toBeUndefined();
  }
});

test('any text at all is read without an error', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((rest) => `${header}.${rest}`),
        fc.string({ minLength: 5_000 }),
      ),
      (text) => {
        expect(tokens.read(text)).toBeUndefined();
        expect(tokens.readTemporary(text)).toBeUndefined();
      },
    ),
  );
  expect(isAccessToken('tkn_live_x')).toBe(false);
});

test('a temporary token is no access token, and an access token no temporary one', () => {
  const text = tokens.signTemporary(temporary);
  expect(tokens.readTemporary(text)).toEqual(temporary);
  expect(tokens.read(text)).toBeUndefined();
  expect(isAccessToken(text)).toBe(false);
  expect(tokens.readTemporary(signed)).toBeUndefined();
  const [temporaryHeader = '', temporaryPayload = ''] = text.split('.');
  expect(json(temporaryHeader)).toBe(`{"alg":"EdDSA","typ":"totp+jwt","kid":"${key.kid}"}`);
  expect(JSON.parse(json(temporaryPayload)).aud).toBe(`${ISSUER}/v1/auth/totp/verify`);
  // Not even if the one's content had the other's head, signed by us.
  expect(tokens.read(forge(header, temporaryPayload))).toBeUndefined();
  expect(tokens.readTemporary(forge(temporaryHeader, payload))).toBeUndefined();
});

test('the token of an installation with another public URL is refused, though the key is the same', async () => {
  const moved = await open(db, { publicUrl: 'https://moved.example.com' });
  expect(moved.jwks()).toEqual(tokens.jwks());
  expect(moved.read(signed)).toBeUndefined();
  expect(moved.readTemporary(tokens.signTemporary(temporary))).toBeUndefined();
});

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
  expect(reader.read(`${encode({ alg: 'none', typ: 'at+jwt', kid })}.${payload}.${signature}`)).toBeUndefined();
  const other = createHmac('sha256', 'x').update(kid).digest('base64url');
  await fresh.$client`select 1`;
  expect(reader.jwks().keys[0]?.kid).not.toBe(kid);
  // A header like ours does, whatever it names.
  expect(reader.read(`${encode({ alg: 'EdDSA', typ: 'at+jwt', kid: other })}.${payload}.${signature}`)).toBeUndefined();
  await expect.poll(() => reader.jwks().keys[0]?.kid).toBe(kid);
});
