import { parseArgs } from 'node:util';
import type { Size } from './bench.ts';

/** What the command line asks for. */
export interface Arguments {
  readonly names: readonly string[];
  readonly size: Size;
  readonly isJson: boolean;
  readonly isHelp: boolean;
  readonly profileDir: string | undefined;
}

/** @throws Error with one line for the user */
export function readArguments(args: readonly string[], known: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      large: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      profile: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const stranger = positionals.find((name) => !known.includes(name));
  if (stranger !== undefined) throw new Error(`There is no benchmark ${stranger}; there are ${known.join(', ')}.`);
  if (values.quick && values.large) throw new Error('Choose --quick or --large, not both.');
  return {
    names: positionals.length === 0 ? known : positionals,
    size: values.quick ? 'quick' : values.large ? 'large' : 'full',
    isJson: values.json,
    isHelp: values.help,
    profileDir: values.profile,
  };
}
