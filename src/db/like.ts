/** The `like` pattern of what contains `text`, whatever characters that has. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}
