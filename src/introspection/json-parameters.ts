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
  const value = parseObject(text);
  if (value === undefined) return 'malformed';
  if (hasDuplicateMember(text, 1)) return 'duplicate';
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

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
