/**
 * JSON that PostgreSQL and RFC 8785 both accept: no NUL and no half of a surrogate pair, which become U+FFFD, and nothing
 * that JSON has no word for. Values come from users, and an event must not fail over what somebody typed.
 */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export function cleanText(text: string): string {
  // A round trip through UTF-8 replaces the lone halves.
  return Buffer.from(text, 'utf8').toString('utf8').replaceAll('\0', '\uFFFD');
}

/** At most `maxLength` UTF-16 units, without half a character at the end. */
export function cutText(text: string, maxLength: number): string {
  const isCutInHalf = text.length > maxLength && /^[\uD800-\uDBFF]$/.test(text.charAt(maxLength - 1));
  return cleanText(text.slice(0, isCutInHalf ? maxLength - 1 : maxLength));
}

export function cleanJson(value: unknown): JsonValue {
  switch (typeof value) {
    case 'string':
      return cleanText(value);
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'boolean':
      return value;
    case 'bigint':
      return value.toString();
    case 'object':
      return cleanObject(value);
    default:
      return null;
  }
}

function cleanObject(value: object | null): JsonValue {
  if (value === null) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (Array.isArray(value)) return value.map(cleanJson);
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries.map(([key, member]) => [cleanText(key), cleanJson(member)]));
}

/** Ids end up in index rows, which hold 2,704 bytes together. */
const MAX_ID_LENGTH = 256;

/** `id`, unless it is something that no id of ours can be: then the caller is wrong, and this throws. */
export function checkId(id: string): string {
  if (id.length === 0 || id.length > MAX_ID_LENGTH || cleanText(id) !== id) throw new RangeError('not an id');
  return id;
}
