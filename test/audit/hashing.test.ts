import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ed25519PublicKey, sha256, signEd25519, verifyEd25519 } from '../../src/audit/hashing.ts';

const bytes = (text: string) => Buffer.from(text, 'hex');

/** Tests 1 to 3 of RFC 8032 section 7.1. */
const RFC_8032 = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
] as const;

test('SHA-256 is that of any other implementation', () => {
  expect(sha256(Buffer.from('abc')).toString('hex')).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
      expect(sha256(data)).toEqual(createHash('sha256').update(data).digest());
    }),
  );
});

describe('Ed25519', () => {
  test.each(RFC_8032)('is that of RFC 8032, for the key %s', (seed, publicKey, message, signature) => {
    expect(ed25519PublicKey(bytes(seed)).toString('hex')).toBe(publicKey);
    expect(signEd25519(bytes(seed), bytes(message)).toString('hex')).toBe(signature);
    expect(verifyEd25519(bytes(publicKey), bytes(message), bytes(signature))).toBe(true);
  });

  test('verifies what another implementation of the keys signed', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
    const message = Buffer.from('message');
    expect(verifyEd25519(raw, message, sign(null, message, privateKey))).toBe(true);
  });

  test('verifies nothing with one bit changed', () => {
    const [, publicKey, message, signature] = RFC_8032[2];
    const parts = [bytes(publicKey), bytes(message), bytes(signature)] as const;
    for (const [n, part] of parts.entries()) {
      for (let bit = 0; bit < part.length * 8; bit += 1) {
        const changed = parts.map((one) => Buffer.from(one));
        const target = changed[n] ?? Buffer.alloc(0);
        target[bit >> 3] = (target[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const [key, text, made] = changed as [Buffer, Buffer, Buffer];
        expect(verifyEd25519(key, text, made), `part ${n}, bit ${bit}`).toBe(false);
      }
    }
  });

  test('verifies nothing with what is no key or no signature, and does not throw', () => {
    const [, publicKey, message, signature] = RFC_8032[2];
    for (const key of [
      Buffer.alloc(0),
      Buffer.alloc(31),
      Buffer.alloc(33),
      Buffer.alloc(32, 0xff),
      Buffer.alloc(32, 2),
    ]) {
      expect(verifyEd25519(key, bytes(message), bytes(signature))).toBe(false);
    }
    for (const made of [
      Buffer.alloc(0),
      Buffer.alloc(63),
      Buffer.alloc(65),
      Buffer.alloc(64, 0xff),
      Buffer.alloc(64),
    ]) {
      expect(verifyEd25519(bytes(publicKey), bytes(message), made)).toBe(false);
    }
  });

  test('signs with the key of each array, not with the one before', () => {
    const [first, second] = [bytes(RFC_8032[0][0]), bytes(RFC_8032[1][0])];
    const message = Buffer.from('message');
    const made = [first, second, first, second].map((seed) => signEd25519(seed, message).toString('hex'));
    expect(made[0]).toBe(made[2]);
    expect(made[1]).toBe(made[3]);
    expect(made[0]).not.toBe(made[1]);
  });

  test('signs with no key of another length', () => {
    for (const length of [0, 31, 33, 64]) {
      expect(() => signEd25519(Buffer.alloc(length), Buffer.alloc(1))).toThrow(RangeError);
    }
  });
});
