import { describe, expect, test } from 'vitest';
import { parseCommand, parseCopy, parseDockerfile, parseDockerignore, parseEnv } from './dockerfile.ts';

describe('parseDockerfile', () => {
  test('reads stages, joins continued lines, skips comments', () => {
    const text = 'FROM node:20 AS build\n# why\nRUN a && \\\n  b\n\nFROM node:20\nUSER node\n';
    expect(parseDockerfile(text)).toEqual([
      { base: 'node:20', name: 'build', instructions: [{ keyword: 'RUN', rest: 'a &&    b' }] },
      { base: 'node:20', name: undefined, instructions: [{ keyword: 'USER', rest: 'node' }] },
    ]);
  });

  test.each(['FROM node:20\nONBUILD RUN true', 'RUN before-from'])('refuses what it cannot rehearse: %j', (text) => {
    expect(() => parseDockerfile(text)).toThrow('cannot rehearse');
  });
});

test('the arguments of instructions are read', () => {
  expect(parseEnv('A=1 B=two')).toEqual({ A: '1', B: 'two' });
  expect(parseCommand('["node", "-e", "a b"]')).toEqual(['node', '-e', 'a b']);
  expect(() => parseCommand('node main.js')).toThrow();
  expect(parseCopy('--from=build /app/dist dist')).toEqual({ from: 'build', sources: ['/app/dist'], target: 'dist' });
  expect(parseCopy('a b ./')).toEqual({ from: undefined, sources: ['a', 'b'], target: './' });
  expect(() => parseCopy('--chown=node a b')).toThrow('cannot rehearse');
});

test.each([
  ['*\n!src', 'src/lib/clock.ts', false],
  ['*\n!src', 'data/master.key', true],
  ['*\n!src', '.env', true],
  ['node_modules\n*.log', 'node_modules/x/y.js', true],
  ['node_modules\n*.log', 'src/a.log', false],
  ['**/*.log', 'src/deep/a.log', true],
  ['# note\nsrc\n!src/lib', 'src/lib/a.ts', false],
])('.dockerignore %j keeps out %s: %s', (text, path, isKeptOut) => {
  expect(parseDockerignore(text)(path)).toBe(isKeptOut);
});
