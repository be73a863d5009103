import { describe, expect, it } from 'vitest';
import { bindDevice, isBound, readDevice } from '../../src/identity/sign-in/device.ts';
import { createSignInKeys } from '../../src/identity/sign-in/keys.ts';
import { type MemberId, newId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';

const keys = createSignInKeys(Buffer.alloc(32, 7));
const source = { clock: { now: () => new Date(), monotonicMs: () => 0 }, random: systemRandom };
const newMember = (): { id: MemberId; generation: number } => ({ id: newId('usr', source), generation: 1 });
const read = (cookie: string) => {
  const device = readDevice(keys, cookie);
  if (device === undefined) throw new Error('not a device');
  return device;
};

describe('a device', () => {
  it('is bound to the member that has signed in with it, and to no other', () => {
    const [member, other] = [newMember(), newMember()];
    const device = read(bindDevice(keys, undefined, member, systemRandom));
    expect([isBound(keys, device, member), isBound(keys, device, other)]).toEqual([true, false]);
  });

  it('loses its standing when everything that was issued to the member ends', () => {
    const member = newMember();
    const device = read(bindDevice(keys, undefined, member, systemRandom));
    expect(isBound(keys, device, { ...member, generation: 2 })).toBe(false);
  });

  it('keeps the last five members, and its secret', () => {
    const members = Array.from({ length: 7 }, newMember);
    let cookie: string | undefined;
    const secrets = new Set<string>();
    for (const member of members) {
      cookie = bindDevice(keys, cookie === undefined ? undefined : read(cookie), member, systemRandom);
      secrets.add(read(cookie).secret);
    }
    const device = read(cookie ?? '');
    expect(members.map((member) => isBound(keys, device, member))).toEqual([
      false,
      false,
      ...Array.from({ length: 5 }, () => true),
    ]);
    expect(secrets.size).toBe(1);
    expect(cookie?.length).toBeLessThan(256);
  });

  it('is not lengthened by signing in again', () => {
    const member = newMember();
    const first = bindDevice(keys, undefined, member, systemRandom);
    expect(bindDevice(keys, read(first), member, systemRandom)).toBe(first);
  });

  it('is not read from a cookie of which any character was changed, or that another key has made', () => {
    const cookie = bindDevice(keys, undefined, newMember(), systemRandom);
    for (let n = 0; n < cookie.length; n += 1) {
      const changed = `${cookie.slice(0, n)}${cookie.charAt(n) === 'x' ? 'y' : 'x'}${cookie.slice(n + 1)}`;
      expect(readDevice(keys, changed), changed).toBeUndefined();
    }
    expect(readDevice(createSignInKeys(Buffer.alloc(32, 8)), cookie)).toBeUndefined();
  });

  it.each([undefined, '', '.', '...', 'tokd_', 'x'.repeat(10_000)])('is not read from %j', (cookie) => {
    expect(readDevice(keys, cookie)).toBeUndefined();
  });
});
