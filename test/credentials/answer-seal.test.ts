import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAnswerSeal, type RequestIdentity } from '../../src/credentials/answer-seal.ts';
import { systemRandom } from '../../src/lib/random.ts';

const seal = createAnswerSeal(Buffer.alloc(32, 1));
const identity: RequestIdentity = {
  principalId: 'key_1',
  environment: 'live',
  method: 'POST',
  path: '/v1/tokens',
  body: '{"name":"a"}',
};
const key = 'an idempotency key';
const request = seal.identify(key, identity);
const answer = Buffer.from('{"secret":"tkn_live_abc"}');

describe('a sealed answer', () => {
  test('opens for the same request, and never looks the same twice', () => {
    const sealed = seal.seal(request, answer, systemRandom);
    expect(seal.open(seal.identify(key, { ...identity }), sealed)).toEqual(answer);
    expect(seal.seal(request, answer, systemRandom)).not.toEqual(sealed);
    expect(sealed.includes('tkn_live')).toBe(false);
  });

  test('is the same bytes from version to version', () => {
    const random = { bytes: (size: number) => Buffer.from(Array.from({ length: size }, (_, n) => n)) };
    expect(seal.seal(request, answer, random).toString('hex')).toBe(
      '000102030405060708090a0bbba65ea9db8a75d19007a85e99ed7d62b2e1bb15f07f01f5f6499e179067e15f8746f1a6bd8bac60af',
    );
  });

  test('opens neither with another key nor for another request nor under another master key', () => {
    const sealed = seal.seal(request, answer, systemRandom);
    const others = [
      { ...request, key: `${key}!` },
      seal.identify(key, { ...identity, body: '{}' }),
      seal.identify(key, { ...identity, principalId: 'key_2' }),
    ];
    for (const other of others) expect(() => seal.open(other, sealed)).toThrow();
    const stranger = createAnswerSeal(Buffer.alloc(32, 2));
    expect(() => stranger.open(request, sealed)).toThrow();
    expect(() => stranger.open(stranger.identify(key, identity), sealed)).toThrow();
  });

  test('does not open with any bit changed, or cut short', () => {
    const sealed = seal.seal(request, answer, systemRandom);
    for (let bit = 0; bit < sealed.byteLength * 8; bit += 1) {
      const damaged = Buffer.from(sealed);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => seal.open(request, damaged)).toThrow();
    }
    for (let length = 0; length < sealed.byteLength; length += 1) {
      expect(() => seal.open(request, sealed.subarray(0, length))).toThrow();
    }
  });
});

describe('the digest of a request', () => {
  test('tells apart whatever differs in principal, environment, method, path or key', () => {
    const part = fc.string({ maxLength: 3 });
    const parts = fc.record({ principalId: part, environment: part, method: part, path: part, body: part, key: part });
    fc.assert(
      fc.property(parts, parts, (one, two) => {
        const [a, b] = [seal.identify(one.key, one), seal.identify(two.key, two)];
        const { body: oneBody, ...oneBinding } = one;
        const { body: twoBody, ...twoBinding } = two;
        const isSameBinding = JSON.stringify(Object.entries(oneBinding)) === JSON.stringify(Object.entries(twoBinding));
        expect(a.keyDigest.equals(b.keyDigest)).toBe(isSameBinding);
        expect(a.requestDigest.equals(b.requestDigest)).toBe(isSameBinding && oneBody === twoBody);
      }),
    );
  });

  test('does not hold the key', () => {
    expect(request.keyDigest).toHaveLength(32);
    expect(seal.identify(key, identity).keyDigest).toEqual(request.keyDigest);
    expect(createAnswerSeal(Buffer.alloc(32, 2)).identify(key, identity).keyDigest).not.toEqual(request.keyDigest);
  });
});
