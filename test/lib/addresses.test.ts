import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areCidrsWithin, isAddressIn, parseAddress, parseCidr, sourceOf } from '../../src/lib/addresses.ts';

describe('addresses', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:DB8::1', '2001:db8::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['127.1', undefined],
    ['0x7f.0.0.1', undefined],
    ['010.0.0.1', undefined],
    ['fe80::1%eth0', undefined],
    ['1.2.3.4:80', undefined],
    ['[::1]', undefined],
    ['', undefined],
    [' 1.2.3.4', undefined],
    ['1.2.3.256', undefined],
    ['1.2.3.4\n', undefined],
  ])('%j reads as %j', (text, expected) => {
    expect(parseAddress(text)).toBe(expected);
  });

  it.each([
    ['192.0.2.7/24', '192.0.2.0/24'],
    ['192.0.2.7', '192.0.2.7/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:db8:1:2:3::/48', '2001:db8:1::/48'],
    ['::/0', '::/0'],
    ['::ffff:10.1.2.3/104', '10.0.0.0/8'],
    ['192.0.2.0/33', undefined],
    ['192.0.2.0/-1', undefined],
    ['192.0.2.0/024', undefined],
    ['192.0.2.0/', undefined],
    ['192.0.2.0/24/24', undefined],
    ['::/129', undefined],
    ['::ffff:10.1.2.3/8', undefined],
  ])('block %j reads as %j', (text, expected) => {
    expect(parseCidr(text)).toBe(expected);
  });

  it('an IPv4 address in IPv6 clothes lies in the IPv4 blocks, and IPv4 never in IPv6 blocks', () => {
    expect(isAddressIn('::ffff:10.1.2.3', ['10.0.0.0/8'])).toBe(true);
    expect(isAddressIn('10.1.2.3', ['::/0'])).toBe(false);
    expect(isAddressIn('2001:db8::1', ['0.0.0.0/0'])).toBe(false);
    expect(isAddressIn('nonsense', ['0.0.0.0/0', '::/0'])).toBe(false);
  });

  it('a block is within its own, within a wider one, and never within a narrower one', () => {
    fc.assert(
      fc.property(
        fc.ipV4(),
        fc.integer({ min: 0, max: 32 }),
        fc.integer({ min: 0, max: 32 }),
        (address, one, other) => {
          const [wide, narrow] = [`${address}/${Math.min(one, other)}`, `${address}/${Math.max(one, other)}`];
          expect(areCidrsWithin([narrow], [wide])).toBe(true);
          expect(areCidrsWithin([wide], [narrow])).toBe(one === other);
        },
      ),
    );
  });

  it('reads a text the same however often it is asked about it, and with however many others between', () => {
    const texts = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('', '1.2.3', '::g', '9'.repeat(60), '10.0.0.0/8'));
    fc.assert(
      fc.property(fc.array(texts, { minLength: 1, maxLength: 5 }), (some) => {
        const read = () => some.map((text) => [parseAddress(text), parseCidr(text), isAddressIn(text, some)]);
        const first = read();
        for (let n = 0; n < 1_001; n += 1) parseAddress(`10.9.${n >> 8}.${n % 256}`);
        expect(read()).toEqual(first);
      }),
      { numRuns: 20 },
    );
  });

  it('counts an IPv6 subscriber as one source, and an IPv4 address as one', () => {
    expect(sourceOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(sourceOf('2001:db8:1:2::9')).toBe('2001:db8:1:2::/64');
    expect(sourceOf('::ffff:192.0.2.1')).toBe('192.0.2.1');
  });
});
