/**
 * `application/x-www-form-urlencoded`, strictly: what does not decode is refused instead of repaired, and a name may
 * occur once (RFC 6749 §3.2). On everything that it accepts it agrees with `URLSearchParams`.
 */
export type Parameters = Pick<ReadonlyMap<string, string>, 'get'>;

/** The parameters in `text`, or what is wrong with it. */
export function parseForm(text: string): ReadonlyMap<string, string> | 'malformed' | 'duplicate' {
  const parameters = new Map<string, string>();
  for (let start = 0, end = 0; end < text.length; start = end + 1) {
    const ampersand = text.indexOf('&', start);
    end = ampersand < 0 ? text.length : ampersand;
    if (start === end) continue;
    const pair = text.slice(start, end);
    const equals = pair.indexOf('=');
    const name = decodeFormValue(equals < 0 ? pair : pair.slice(0, equals));
    const value = decodeFormValue(equals < 0 ? '' : pair.slice(equals + 1));
    if (name === undefined || value === undefined) return 'malformed';
    if (parameters.has(name)) return 'duplicate';
    parameters.set(name, value);
  }
  return parameters;
}

/** What {@link parseForm} makes of one plain name with one plain value, for a quarter of the cost; else undefined. */
export function parsePlainForm(text: string): Parameters | undefined {
  const equals = text.indexOf('=');
  if (equals < 0 || BEYOND_PLAIN.test(text)) return undefined;
  const name = text.slice(0, equals);
  const value = text.slice(equals + 1);
  return { get: (wanted) => (wanted === name ? value : undefined) };
}

const BEYOND_PLAIN = /[&%+]/;

/** One encoded name or value; undefined if an escape is incomplete or the bytes it stands for are not UTF-8. */
export function decodeFormValue(text: string): string | undefined {
  // Neither a credential nor a scope ever has an escape.
  if (!ESCAPE.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

const ESCAPE = /[%+]/;
