/** Names of things that people name. At most this many UTF-16 units, as in the API's documentation. */
export const NAME_MAX_LENGTH = 128;

export type ParsedName =
  | { readonly ok: true; readonly name: string }
  | { readonly ok: false; readonly problem: string };

/** `text` without the white space around it, if that is a name; else what is wrong with it, to follow the field's name. */
export function parseName(text: string): ParsedName {
  const name = text.trim();
  if (name === '') return { ok: false, problem: 'must not be empty' };
  if (name.length > NAME_MAX_LENGTH) return { ok: false, problem: `must have at most ${NAME_MAX_LENGTH} characters` };
  // PostgreSQL stores neither of these, and other readers disagree on what they mean.
  if (name.includes('\0')) return { ok: false, problem: 'must not contain a NUL character' };
  if (!name.isWellFormed()) return { ok: false, problem: 'must not contain half of a surrogate pair' };
  return { ok: true, name };
}
