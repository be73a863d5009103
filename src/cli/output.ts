import { maskCredentials } from '../lib/masking.ts';
import { type Ending, EXIT_CODES } from './exit-codes.ts';
import { printable } from './text.ts';

/** Sets how the process will end; it ends by itself, when everything is closed and written. */
export function endWith(ending: Ending): void {
  process.exitCode = EXIT_CODES[ending].code;
}

/** One line about what happened, to people: on stderr, so that stdout is for what was asked for. */
export function say(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** An error may quote what was typed; should that be a credential, it is masked, since error output ends up in logs. */
export function complain(line: string): void {
  say(`tooken: ${maskCredentials(line)}`);
}

/** Resolves when `text`, or bytes, have been handed over; rejects with the error of the pipe or file. */
export function print(text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** A reader that has gone, as `head` does, is no reason to crash. Writes report their errors through {@link print}. */
export function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

export function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
