/**
 * `text` for a terminal: one line, and nothing that moves the cursor or turns the writing direction, whoever chose the
 * names in it.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '\uFFFD');
}

/** JSON in one line, with what {@link printable} replaces as escapes: JSON itself escapes only some of it. */
export function escapeInvisible(json: string): string {
  return json.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Rows under headings, each column as wide as its widest cell. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows.map((row) => row.map(printable))];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => width(line[column] ?? ''))));
  const format = (line: readonly string[]) =>
    line
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell)))
      .join('  ')
      .trimEnd();
  return lines.map((line) => `${format(line)}\n`).join('');
}

/** `2027-01-31 12:00:00Z` of RFC 3339 in UTC; `otherwise` for none. */
export function formatTime(instant: string | null, otherwise: string): string {
  return instant === null ? otherwise : instant.replace('T', ' ').replace(/\.\d+/, '');
}

/** Columns on a terminal: East Asian characters and emoji take two, combining marks none. */
function width(text: string): number {
  return [...text].reduce((sum, character) => sum + (ZERO.test(character) ? 0 : WIDE.test(character) ? 2 : 1), 0);
}

const ZERO = /^[\p{M}\p{Cf}]$/u;
const WIDE =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]$/u;
