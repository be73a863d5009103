/** At most this many characters, as a path of RFC 5321 §4.5.3.1.3 without its angle brackets. */
export const EMAIL_MAX_LENGTH = 254;

export type ParsedEmail =
  | { readonly ok: true; readonly email: string }
  | { readonly ok: false; readonly problem: string };

/**
 * `text` as email addresses are stored and compared: in lower case, in NFC, without the white space around it; else what is
 * wrong with it, to follow the field's name. The form is checked no further than it takes to be one address, wherever it is
 * put: whether it exists, only a mail tells.
 */
export function parseEmail(text: string): ParsedEmail {
  const email = normalizeEmail(text);
  if (email === '') return { ok: false, problem: 'must not be empty' };
  if (email.length > EMAIL_MAX_LENGTH) {
    return { ok: false, problem: `must have at most ${EMAIL_MAX_LENGTH} characters` };
  }
  if (!email.isWellFormed() || !FORM.test(email)) {
    return { ok: false, problem: 'must be an email address such as ada@example.com' };
  }
  return { ok: true, email };
}

/** The same for what somebody types to sign in, whatever it is. */
export function normalizeEmail(text: string): string {
  return text.trim().toLowerCase().normalize('NFC');
}

/** One `@`, and nothing that a header, a list of addresses or a log would read as more than part of one. */
const FORM = /^[^\s\p{C}@<>()[\],;:"\\]+@[^\s\p{C}@<>()[\],;:"\\]+$/u;
