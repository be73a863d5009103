import { decodeUtf8 } from '../lib/encoding.ts';
import { ServiceError } from '../lib/errors.ts';
import { hasDuplicateMember } from '../lib/json-members.ts';
import { problemOfText } from '../web/text.ts';

/**
 * JSON that a request may carry: bounded in depth, that means the same to every reader, with strings and numbers that
 * PostgreSQL and everybody else can hold.
 */

const MAX_DEPTH = 32;

/** Parses `bytes`, or throws `invalid_request` with a sentence that says what is wrong with them. */
export function parseJsonBody(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  if (text === undefined) throw invalid('The body is not valid UTF-8.');
  const value = parse(text);
  const problem = findProblem(value, 0);
  if (problem !== undefined) throw invalid(problem);
  if (hasDuplicateMember(text)) throw invalid('An object in the body has two members of the same name.');
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('The body is not valid JSON.');
  }
}

function findProblem(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return problemOfText(value);
  // Infinity would become null further on, and null often means "no limit".
  if (typeof value === 'number' && !Number.isFinite(value)) return 'A number in the body is too large for a double.';
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= MAX_DEPTH) return `The body is nested deeper than ${MAX_DEPTH} levels.`;
  for (const [key, member] of Object.entries(value)) {
    if (key === '__proto__') return 'The body has a member named __proto__, which is not allowed.';
    const problem = problemOfText(key) ?? findProblem(member, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function invalid(message: string): ServiceError {
  return new ServiceError('invalid_request', { message });
}
