import { hasDuplicateMember } from '../lib/json-members.ts';
import type { Parameters } from './form.ts';

/**
 * The same parameters as JSON: one object whose known members are strings. Members nobody knows are ignored, whatever
 * they hold, as they are in a form. A member that occurs twice is refused.
 */
export function parseJsonParameters(
  text: string,
  known: readonly string[],
): Parameters | 'malformed' | 'duplicate' | 'not_text' {
  const value = parseJson(text);
  if (!isObject(value)) return 'malformed';
  return hasDuplicateMember(text, 1) ? 'duplicate' : parametersIn(value, known);
}

/** Many of them: `{"requests": [{…}, …]}`, at least one and at most `most`. */
export function parseJsonBatch(
  text: string,
  known: readonly string[],
  most: number,
): readonly Parameters[] | 'malformed' | 'duplicate' | 'not_text' | 'batch' {
  const value = parseJson(text);
  if (!isObject(value)) return 'malformed';
  const requests = 'requests' in value ? value.requests : undefined;
  if (!Array.isArray(requests) || requests.length === 0 || requests.length > most) return 'batch';
  if (hasDuplicateMember(text, DEPTH_OF_REQUESTS)) return 'duplicate';
  const batch: Parameters[] = [];
  for (const request of requests) {
    const parameters = isObject(request) ? parametersIn(request, known) : 'batch';
    if (typeof parameters === 'string') return parameters;
    batch.push(parameters);
  }
  return batch;
}

/** The outer object, the list, and each of its objects. */
const DEPTH_OF_REQUESTS = 3;

function parametersIn(value: object, known: readonly string[]): Parameters | 'not_text' {
  const parameters = new Map<string, string>();
  for (const [name, member] of Object.entries(value)) {
    if (!known.includes(name)) continue;
    if (typeof member !== 'string' || LONE_SURROGATE.test(member)) return 'not_text';
    parameters.set(name, member);
  }
  return parameters;
}

/** Half a character: JSON can write it as `\ud800`, but it is not text and has no UTF-8. */
const LONE_SURROGATE = /\p{Surrogate}/u;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
