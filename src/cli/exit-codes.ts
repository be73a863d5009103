import { type ErrorCode, ServiceError } from '../lib/errors.ts';
import { StartupError } from '../lib/startup-error.ts';

/** How a command ends, for scripts. `tooken --help` prints this table. */
export const EXIT_CODES = {
  ok: { code: 0, meaning: 'done' },
  failure: {
    code: 1,
    meaning: 'failed, or was not confirmed; or what was checked is not as it should be',
  },
  usage: { code: 2, meaning: 'the command line is wrong: an option, an argument or a value' },
  not_found: { code: 3, meaning: 'there is no such workspace, API key or member' },
  conflict: { code: 4, meaning: 'the present state forbids it: the name is taken, the key has expired, …' },
  unavailable: { code: 5, meaning: 'the environment is wrong, or the database cannot be used' },
  interrupted: { code: 130, meaning: 'interrupted by a signal' },
} as const;

export type Ending = keyof typeof EXIT_CODES;

/** The signal that ended a command. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
}

/** The command line does not make sense; `message` says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * What was asked for could not be written; `message` says why. It has no cause: the error of a pipe looks like that of a
 * connection to the database.
 */
export class OutputError extends Error {
  override readonly name = 'OutputError';
}

/** Whoever read the output has gone, as `head` does, and knows that there was more. */
export class ReaderGone extends Error {
  override readonly name = 'ReaderGone';
}

/** Somebody was asked and did not agree. */
export class NotConfirmed extends Error {
  override readonly name = 'NotConfirmed';
  override readonly message = 'not confirmed; nothing was changed.';
}

export function endingOf(error: unknown): Ending {
  if (error instanceof UsageError) return 'usage';
  if (error instanceof Interruption) return 'interrupted';
  if (error instanceof StartupError) return 'unavailable';
  return error instanceof ServiceError ? endingOfCode(error.code) : 'failure';
}

function endingOfCode(code: ErrorCode): Ending {
  switch (code) {
    case 'invalid_request':
    case 'validation_failed':
    case 'unknown_scope':
      return 'usage';
    case 'not_found':
      return 'not_found';
    case 'conflict':
    case 'precondition_failed':
      return 'conflict';
    case 'unavailable':
      return 'unavailable';
    default:
      return 'failure';
  }
}

/** One line, without a stack. Of an error nobody planned for only class and code: its message may quote anything. */
export function describeError(error: unknown): string {
  if (error instanceof ServiceError && error.details !== undefined) {
    return error.details.map(({ path, message }) => `${path} ${message}`).join('; ');
  }
  const isForPeople = FOR_PEOPLE.some((kind) => error instanceof kind);
  if (isForPeople && error instanceof Error) return error.message;
  return `failed unexpectedly: ${chainOf(error).join(', caused by ')}`;
}

const FOR_PEOPLE = [ServiceError, StartupError, UsageError, OutputError, NotConfirmed, Interruption];

function chainOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [typeof error];
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : '';
  return [`${error.constructor.name}${code}`, ...(error.cause === undefined ? [] : chainOf(error.cause))];
}
