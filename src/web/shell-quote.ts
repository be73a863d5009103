/** `text` as one word of a POSIX shell: within single quotes nothing is special but the quote itself. */
export function shellQuote(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
