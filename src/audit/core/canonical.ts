import canonicalize from 'canonicalize';

/**
 * Canonical JSON, RFC 8785: one text for each value, so that hashing the text, in UTF-8, hashes the value. No spaces, members sorted
 * by the UTF-16 code units of their names, numbers and strings as ECMAScript writes them:
 *
 *     { "b": 1.50, "a": "é" }   is   {"a":"é","b":1.5}
 */
export function canonicalText(value: object): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('there is no JSON for it');
  return text;
}

/** An escaped half of a surrogate pair, which stands for no character; the backslash before it is not escaped itself. */
const HALF_PAIR = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

/** Whether `text` is the canonical JSON of an object or array. Never throws. */
export function isCanonical(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    const isContainer = typeof value === 'object' && value !== null;
    return isContainer && text.isWellFormed() && !HALF_PAIR.test(text) && canonicalText(value) === text;
  } catch {
    // No JSON, or nested deeper than the stack reaches.
    return false;
  }
}
