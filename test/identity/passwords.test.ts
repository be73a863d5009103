import { afterEach, describe, expect, it, vi } from 'vitest';
import { createPasswords } from '../../src/identity/passwords/passwords.ts';
import { createTurns } from '../../src/identity/passwords/turns.ts';
import { systemRandom } from '../../src/lib/random.ts';

afterEach(() => {
  vi.useRealTimers();
});

const passwords = createPasswords({ random: systemRandom });

describe('a hash', () => {
  it('is argon2id with 19 MiB, two passes and one lane', async () => {
    expect(await passwords.hash('correct horse battery')).toMatch(
      /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/,
    );
  });

  it('opens with its password alone, to the last of 1,024 characters', async () => {
    const long = 'quite '.repeat(170).concat('long');
    const stored = await passwords.hash(long);
    expect(await passwords.verify(long, stored)).toBe(true);
    expect(await passwords.verify(long.slice(0, -1), stored)).toBe(false);
    expect(await passwords.verify(`${long.slice(0, -1)}G`, stored)).toBe(false);
  });

  it('opens however a character is composed', async () => {
    const stored = await passwords.hash('caf\u00e9 au lait au lit');
    expect(await passwords.verify('cafe\u0301 au lait au lit', stored)).toBe(true);
  });

  it('of nobody opens with nothing', async () => {
    expect(await passwords.verify('', null)).toBe(false);
    expect(await passwords.verify('correct horse battery', null)).toBe(false);
  });

  it.each([
    ['$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$Zm9vZm9vZm9vZm9vZm9vZm9vZm9vZm9vZm9vZm9vZm8', false],
    ['$argon2id$v=19$m=9216,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$Zm9vZm9vZm9vZm9vZm9vZm9vZm9vZm9vZm9vZm9vZm8', true],
    ['$argon2id$v=19$m=19456,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$Zm9vZm9vZm9vZm9vZm9vZm9vZm9vZm9vZm9vZm9vZm8', true],
    ['$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$Zm9vZm9vZm9vZm9vZm9vZm9vZm9vZm9vZm9vZm9vZm8', true],
  ])('%s is outdated: %s', (stored, isOutdated) => {
    expect(passwords.isOutdated(stored)).toBe(isOutdated);
  });
});

describe('turns', () => {
  /** Work that ends when the test says so. */
  function createWork() {
    const begun: { readonly name: string; end(): void }[] = [];
    const names = () => begun.map(({ name }) => name);
    const piece = (name: string) => () =>
      new Promise<string>((resolve) => begun.push({ name, end: () => resolve(name) }));
    return { begun, names, piece };
  }
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('let no more begin at once than they may', async () => {
    const turns = createTurns({ atOnce: 2, maxWaiting: 100 });
    const { begun, names, piece } = createWork();
    const all = Promise.all(['a', 'b', 'c', 'd'].map((name) => turns.run('', piece(name))));
    await settled();
    expect(names()).toEqual(['a', 'b']);
    begun[0]?.end();
    await settled();
    expect(names()).toEqual(['a', 'b', 'c']);
    for (let n = 1; n < 4; n += 1) {
      begun[n]?.end();
      await settled();
    }
    expect(await all).toEqual(['a', 'b', 'c', 'd']);
  });

  it('stay empty for a while where that is asked for, and then go on', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const turns = createTurns({ atOnce: 1, maxWaiting: 1, watch: () => () => 30 });
    const { begun, names, piece } = createWork();
    const all = Promise.all([turns.run('', piece('a')), turns.run('', piece('b'))]);
    await settled();
    begun[0]?.end();
    await settled();
    vi.advanceTimersByTime(29);
    await settled();
    expect(names()).toEqual(['a']);
    vi.advanceTimersByTime(1);
    await settled();
    begun[1]?.end();
    expect(await all).toEqual(['a', 'b']);
  });

  it('are not waited for longer than an answer may take', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const turns = createTurns({ atOnce: 1, maxWaiting: 10 });
    const { begun, names, piece } = createWork();
    const outcomes = ['a', 'b'].map((name) =>
      turns.run('', piece(name)).catch((error: { code: string }) => error.code),
    );
    await settled();
    vi.advanceTimersByTime(18_000);
    const late = turns.run('', piece('c'));
    begun[0]?.end();
    await settled();
    begun[1]?.end();
    expect(await Promise.all([...outcomes, late])).toEqual(['a', 'unavailable', 'c']);
    expect(names()).toEqual(['a', 'c']);
  });

  it('go on after work that failed', async () => {
    const turns = createTurns({ atOnce: 1, maxWaiting: 1 });
    await expect(turns.run('', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await turns.run('', async () => 'yes')).toBe('yes');
  });

  it('are taken by lanes, so that a long one holds nobody else up', async () => {
    const turns = createTurns({ atOnce: 1, maxWaiting: 100 });
    const { begun, names, piece } = createWork();
    const lanes = ['x', 'x', 'x', 'x', 'y', 'z'];
    const all = Promise.all(lanes.map((lane, n) => turns.run(lane, piece(`${lane}${n}`))));
    for (let n = 0; n < lanes.length; n += 1) {
      await settled();
      begun[n]?.end();
    }
    await all;
    expect(names()).toEqual(['x0', 'x1', 'y4', 'z5', 'x2', 'x3']);
  });

  it('that are all taken turn away the last of the longest lane', async () => {
    const turns = createTurns({ atOnce: 1, maxWaiting: 2 });
    const { begun, piece } = createWork();
    const outcomes = ['x0', 'x1', 'x2', 'x3', 'y4'].map((name) =>
      turns.run(name.charAt(0), piece(name)).catch((error: { code: string }) => error.code),
    );
    for (let n = 0; n < 5; n += 1) {
      await settled();
      begun[n]?.end();
    }
    expect(await Promise.all(outcomes)).toEqual(['x0', 'x1', 'unavailable', 'unavailable', 'y4']);
  });
});
