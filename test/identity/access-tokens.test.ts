import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import * as jose from 'jose';
import { expect, test } from 'vitest';
import { signEd25519 } from '../../src/audit/hashing.ts';
import { isAccessToken } from '../../src/identity/access-tokens/access-tokens.ts';
import type { TemporaryTokenClaims } from '../../src/identity/access-tokens/claims.ts';
import { thumbprintOf } from '../../src/identity/access-tokens/jws.ts';
import { newId } from '../../src/lib/ids.ts';
import { unseal } from '../../src/lib/sealed-box.ts';
import { createTestDatabase } from '../support/database.ts';
import { claims, encode, ISSUER, ids, open, poolOf, WRAPPING_KEY } from './access-tokens-world.ts';

const db = poolOf(await createTestDatabase());
const tokens = await open(db);

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
