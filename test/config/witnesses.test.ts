import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { StartupError } from '../../src/lib/startup-error.ts';

function verifierKey(name: string, type = 4): string {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const key = Buffer.concat([Buffer.of(type), Buffer.from(x, 'base64url')]);
  const id = createHash('sha256').update(`${name}\n`).update(key).digest('hex').slice(0, 8);
  return `${name}+${id}+${key.toString('base64')}`;
}

const read = (TOOKEN_WITNESSES: string) => readConfig({ TOOKEN_WITNESSES }).witnesses;
const [first, second] = [verifierKey('one.example/w'), verifierKey('two.example/w')];

describe('TOOKEN_WITNESSES', () => {
  it('names none unless it is set', () => {
    expect(readConfig({}).witnesses).toEqual([]);
    expect(read('')).toEqual([]);
  });

  it('takes verifier keys with URLs, however they are spaced', () => {
    const witnesses = read(`${first} https://one.example/prefix/,\n  ${second}   http://127.0.0.1:8000`);
    expect(witnesses.map(({ key, url }) => [key.name, key.algorithm, url])).toEqual([
      ['one.example/w', 'cosignature', 'https://one.example/prefix'],
      ['two.example/w', 'cosignature', 'http://127.0.0.1:8000'],
    ]);
    expect(Buffer.from(witnesses[0]?.key.publicKey ?? []).toString('base64url')).toHaveLength(43);
  });

  it.each([
    ['no URL', first],
    ['no key', 'https://one.example'],
    ['too much', `${first} https://one.example x`],
    ['nothing between two commas', `${first} https://one.example,,${second} https://two.example`],
    [
      'a key whose id is not its own',
      `${first.replace(/\+(.)/, (_, digit) => `+${digit === '0' ? '1' : '0'}`)} https://x`,
    ],
    ['the key of a log', `${verifierKey('log.example', 1)} https://one.example`],
    ['a key of a type unheard of', `${verifierKey('log.example', 6)} https://one.example`],
    ['http to another machine', `${first} http://one.example`],
    ['http to a name that begins like a loopback address', `${first} http://127.0.0.1.example`],
    ['another scheme', `${first} ftp://one.example`],
    ['credentials', `${first} https://user:password@one.example`],
    ['a query', `${first} https://one.example/?a=b`],
    ['a fragment', `${first} https://one.example/#a`],
    ['one name twice', `${first} https://one.example,${verifierKey('one.example/w')} https://two.example`],
    ['more than 15', Array.from({ length: 16 }, (_, n) => `${verifierKey(`w${n}`)} https://w.example`).join(',')],
  ])('refuses %s in one line with an example', (_, value) => {
    expect(() => read(value)).toThrow(StartupError);
    expect(() => read(value)).toThrow(
      /^TOOKEN_WITNESSES: [^\n]+ Example: TOOKEN_WITNESSES=witness\.example\.com[^\n]+$/,
    );
  });

  it('says which of several witnesses is meant, and its example is valid', () => {
    expect(() => read(`${first} https://one.example, ${second} http://two.example`)).toThrow(': witness 2: the URL');
    const example = caught(() => read('x')).message.split('Example: TOOKEN_WITNESSES=')[1];
    expect(read(example ?? '')).toHaveLength(1);
  });
});

function caught(attempt: () => unknown): Error {
  try {
    attempt();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}
