/** PostgreSQL stores neither, and other readers disagree on what they mean. */
export function problemOfText(text: string): string | undefined {
  if (text.includes('\0')) return 'A text contains a NUL character, which is not allowed.';
  return text.isWellFormed() ? undefined : 'A text contains half of a surrogate pair, which is not allowed.';
}
