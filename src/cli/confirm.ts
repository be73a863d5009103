import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { NotConfirmed, UsageError } from './exit-codes.ts';
import { printable } from './text.ts';

interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable & { readonly isTTY?: boolean };
}

/** Resolves when a person has typed `name`; rejects with {@link NotConfirmed} for anything else. */
export type Ask = (name: string, signal: AbortSignal) => Promise<void>;

/**
 * A question to the person at the terminal; stdout stays free of it.
 *
 * @throws UsageError where there is nobody to ask
 */
export function askByTyping(
  what: string,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Ask {
  if (input.isTTY !== true || output.isTTY !== true) {
    throw new UsageError(`to ${what}, confirm with --yes, or run the command on a terminal.`);
  }
  return async (name, signal) => {
    output.write(`To ${what}, type its name, ${printable(name)}: `);
    if ((await readLine(input, signal)) !== printable(name)) throw new NotConfirmed();
  };
}

/** Empty at the end of the input, and when `signal` ends the wait. */
async function readLine(input: Readable, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input, terminal: false });
  const close = () => lines.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    return await new Promise<string>((resolve) => {
      lines.once('line', (line) => resolve(line.trim()));
      lines.once('close', () => resolve(''));
    });
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}
