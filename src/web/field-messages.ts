import { z } from '@hono/zod-openapi';

/**
 * What is said of a field that is absent, of another type or none of the choices, unless its schema says it better. Like all
 * that is said of fields it goes on where the name of the field ends, and speaks of JSON.
 */
export function fieldMessage({ code, input, expected, values }: RawIssue): string | undefined {
  if (code !== 'invalid_type' && code !== 'invalid_value') return undefined;
  if (input === undefined) return 'is required';
  if (values !== undefined) return `must be ${values.length > 1 ? 'one of ' : ''}${values.join(', ')}`;
  return expected === undefined ? undefined : TYPES[expected];
}

/** Makes {@link fieldMessage} hold for every schema of this process. */
export function installFieldMessages(): void {
  z.config({ customError: (issue) => fieldMessage(issue as RawIssue) });
}

/** The subset of what zod tells that messages are made from. */
interface RawIssue {
  readonly code?: string;
  readonly input?: unknown;
  readonly expected?: string;
  readonly values?: readonly unknown[];
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'must be a string',
  number: 'must be a number',
  int: 'must be a whole number',
  boolean: 'must be true or false',
  array: 'must be a list',
  object: 'must be an object',
  record: 'must be an object',
};
