import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createDigest } from '../../src/credentials/digest.ts';
import type { Credential } from '../../src/credentials/format.ts';
import { createMasterKey } from '../../src/credentials/master-key.ts';
import vectors from '../vectors/credential-digest.json' with { type: 'json' };

describe('the digest of a credential', () => {
  it('is the HMAC of its SHA-256 under the pepper', () => {
    const pepper = Buffer.alloc(32, 7);
    const inner = createHash('sha256').update('tkn_live_x').digest();
    const expected = createHmac('sha256', pepper).update(inner).digest('hex');
    expect(createDigest(pepper)('tkn_live_x' as Credential).toString('hex')).toBe(expected);
  });

  it('keeps to the published vectors, from the master key on', () => {
    for (const { masterKey, credential, digest, fingerprint } of vectors) {
      const key = createMasterKey(Buffer.from(masterKey, 'base64'));
      expect(key.fingerprint).toBe(fingerprint);
      expect(createDigest(key.derive('credential-pepper'))(credential as Credential).toString('hex')).toBe(digest);
    }
  });
});

describe('a master key', () => {
  it('derives another key for every purpose, always the same', () => {
    const key = createMasterKey(Buffer.alloc(32, 1));
    const purposes = ['credential-pepper', 'cursor-mac', 'idempotency-encryption', 'fingerprint'] as const;
    const keys = purposes.map((purpose) => key.derive(purpose).toString('hex'));
    expect(new Set(keys).size).toBe(purposes.length);
    expect(createMasterKey(Buffer.alloc(32, 1)).derive('cursor-mac').toString('hex')).toBe(keys[1]);
  });

  it('is refused unless it has 32 bytes', () => {
    for (const size of [0, 16, 31, 33, 64]) expect(() => createMasterKey(Buffer.alloc(size))).toThrow(RangeError);
  });
});
