import { expect, test } from 'vitest';
import { seal, unseal } from '../../src/lib/sealed-box.ts';

const key = Buffer.alloc(32, 1);
const random = { bytes: (size: number) => Buffer.from(Array.from({ length: size }, (_, n) => n)) };
const SEALED = '000102030405060708090a0bda86e643438c630da398f81b3419960b4521ac76cdbaaa0a';

test('a sealed secret is the same bytes from version to version, bound to text or to its bytes', () => {
  for (const binding of ['whose it is', Buffer.from('whose it is')]) {
    const sealed = seal(key, Buffer.from('a secret'), binding, random);
    expect(sealed.toString('hex')).toBe(SEALED);
    expect(unseal(key, sealed, binding)?.toString()).toBe('a secret');
  }
});

test('it opens under no other key or binding, nor cut short', () => {
  const sealed = Buffer.from(SEALED, 'hex');
  expect(unseal(Buffer.alloc(32, 2), sealed, 'whose it is')).toBeUndefined();
  expect(unseal(key, sealed, 'whose it was')).toBeUndefined();
  for (let length = 0; length < sealed.byteLength; length += 1) {
    expect(unseal(key, sealed.subarray(0, length), 'whose it is')).toBeUndefined();
  }
});
