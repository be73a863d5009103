import type { Parameters } from './form.ts';

/**
 * The same parameters as JSON: one object whose known members are strings. Members nobody knows are ignored, whatever
 * they hold, as they are in a form. A member that occurs twice is refused, though `JSON.parse` would take the last one:
 * whatever checked the request on its way here may have looked at the first.
 */
export function parseJsonParameters(
  text: string,
  known: readonly string[],
): Parameters | 'malformed' | 'duplicate' | 'not_text' {
  const value = parseObject(text);
  if (value === undefined) return 'malformed';
  if (hasDuplicate(memberNames(text))) return 'duplicate';
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

const STRING_OR_BRACKET = /("[^"\\]*(?:\\.[^"\\]*)*")([ \t\r\n]*:)?|[{[\]}]/g;

/** The names of the outermost members, in order. `text` is valid JSON. */
function memberNames(text: string): string[] {
  const names: string[] = [];
  let depth = 0;
  for (const [match, string, colon] of text.matchAll(STRING_OR_BRACKET)) {
    if (match === '{' || match === '[') depth += 1;
    else if (match === '}' || match === ']') depth -= 1;
    else if (depth === 1 && colon !== undefined) names.push(String(JSON.parse(string ?? '""')));
  }
  return names;
}

function hasDuplicate(names: readonly string[]): boolean {
  return new Set(names).size < names.length;
}
