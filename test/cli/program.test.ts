import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { describe, expect, test, vi } from 'vitest';
import { askByTyping } from '../../src/cli/confirm.ts';
import { describeError, EXIT_CODES, endingOf, NotConfirmed, UsageError } from '../../src/cli/exit-codes.ts';
import { createProgram } from '../../src/cli/program.ts';
import { formatTable, formatTime, printable } from '../../src/cli/text.ts';
import { ERROR_CATALOGUE, type ErrorCode, ServiceError } from '../../src/lib/errors.ts';
import { StartupError } from '../../src/lib/startup-error.ts';

function commandsOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(commandsOf);
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

describe('help', () => {
  const program = createProgram('1.2.3');

  test.each(commandsOf(program).map((command) => [command.name(), command] as const))(
    'of %s says what it needs and gives an example',
    (_, command) => {
      expect(helpOf(command)).toMatch(/Needs: .*\n(.*\n)*\nExample:\n {2}\$ .*tooken \w+/);
    },
  );

  test.each(commandsOf(program).map((command) => [command.name(), command] as const))(
    'of %s is wrapped for a terminal of 80 columns, and nowhere before',
    (_, command) => {
      expect(command.description()).not.toContain('\n');
      expect(helpOf(command).match(/^.{81,}$/gm)).toBeNull();
    },
  );

  test('of a group fits, too', () => {
    for (const group of [program, ...program.commands]) expect(helpOf(group).match(/^.{81,}$/gm)).toBeNull();
  });

  test('lists every exit status', () => {
    const help = helpOf(program);
    for (const { code, meaning } of Object.values(EXIT_CODES)) expect(help).toContain(`${code} `.padEnd(5) + meaning);
  });
});

test.each<[string, string[], RegExp]>([
  ['an unknown command', ['keys', 'lst'], /unknown command 'lst' \(Did you mean list\?\)/],
  ['an unknown option', ['keys', 'list', '--al'], /unknown option/],
  ['a missing argument', ['keys', 'create'], /missing required argument 'name'/],
  ['an argument too many', ['keys', 'list', 'all'], /too many arguments/],
  ['an environment that is none', ['keys', 'list', '--environment', 'prod'], /Allowed choices are live, test/],
  [
    'two expiries',
    ['keys', 'create', 'x', '--expires-in', '1d', '--expires-at', '2099-01-01T00:00:00Z'],
    /cannot be used/,
  ],
  ['an API key where it makes no sense', [`tok_live_${'4'.repeat(49)}`], /unknown command 'tok_live_4444…'/],
])('%s is a usage error, told in one line without a secret', async (_, args, line) => {
  const lines: string[] = [];
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  try {
    await expect(createProgram('1.2.3').parseAsync(args, { from: 'user' })).rejects.toMatchObject({ exitCode: 1 });
  } finally {
    write.mockRestore();
  }
  expect(lines).toEqual([expect.stringMatching(/^tooken: [^\n]+\n$/)]);
  expect(lines[0]).toMatch(line);
});

describe('an error', () => {
  test.each<[unknown, number, string]>([
    [new UsageError('say more.'), 2, 'say more.'],
    [new NotConfirmed(), 1, 'not confirmed; nothing was changed.'],
    [new StartupError('PORT: is taken.'), 5, 'PORT: is taken.'],
    [new ServiceError('not_found', { message: 'No such thing.' }), 3, 'No such thing.'],
    [
      new ServiceError('validation_failed', { details: [{ path: 'name', message: 'must not be empty' }] }),
      2,
      'name must not be empty',
    ],
    [
      new RangeError('hidden', { cause: Object.assign(new Error('hidden'), { code: '42501' }) }),
      1,
      'failed unexpectedly: RangeError, caused by Error 42501',
    ],
    ['hidden', 1, 'failed unexpectedly: string'],
  ])('%s ends with %d and says %j', (error, code, message) => {
    expect(EXIT_CODES[endingOf(error)].code).toBe(code);
    expect(describeError(error)).toBe(message);
  });

  test('of every code ends with something else than success', () => {
    for (const code of Object.keys(ERROR_CATALOGUE) as ErrorCode[])
      expect(endingOf(new ServiceError(code))).not.toBe('ok');
  });
});

describe('a confirmation', () => {
  function terminal(typed: string | null) {
    const input = Object.assign(new PassThrough(), { isTTY: true });
    input.end(typed ?? undefined);
    return { input, output: Object.assign(new PassThrough(), { isTTY: true }) };
  }
  const signal = new AbortController().signal;

  test('is the name, typed', async () => {
    await expect(askByTyping('delete it', terminal(' ci \n'))('ci', signal)).resolves.toBeUndefined();
  });

  test.each(['', 'y\n', 'CI\n', null])('is not %j', async (typed) => {
    await expect(askByTyping('delete it', terminal(typed))('ci', signal)).rejects.toThrow(NotConfirmed);
  });

  test('cannot be had where there is no terminal', () => {
    expect(() => askByTyping('delete it', { input: new PassThrough(), output: new PassThrough() })).toThrow(UsageError);
  });

  test('is not waited for once the command is interrupted', async () => {
    const [input, output] = [0, 1].map(() => Object.assign(new PassThrough(), { isTTY: true }));
    if (input === undefined || output === undefined) throw new Error('two were made');
    const controller = new AbortController();
    const answer = askByTyping('delete it', { input, output })('ci', controller.signal);
    controller.abort();
    await expect(answer).rejects.toThrow(NotConfirmed);
  });
});

test('a table is aligned, whatever the names in it', () => {
  const table = formatTable(
    ['ID', 'NAME', 'X'],
    [
      ['1', '日本', 'a'],
      ['22', 'e\u0301', 'b'],
      ['3', 'a\u001b[2J\n\u202eb', 'c'],
    ],
  );
  expect(table.split('\n')).toEqual([
    'ID  NAME      X',
    '1   日本      a',
    '22  e\u0301         b',
    '3   a\ufffd[2J\ufffd\ufffdb  c',
    '',
  ]);
});

test('what is printed stays on its line', () => {
  expect(printable('a\u2028b\r\nc\u009bd')).toBe('a\ufffdb\ufffd\ufffdc\ufffdd');
  expect(formatTime('2027-01-31T12:00:00.000Z', 'never')).toBe('2027-01-31 12:00:00Z');
  expect(formatTime(null, 'never')).toBe('never');
});
