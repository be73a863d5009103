/**
 * What is typed into a field for a day or a minute, as an RFC 3339 time: browsers send both without a zone, and the
 * dashboard speaks of UTC. Anything else stays as it is, for the schema to judge.
 */
export function instantText(typed: string): string {
  const text = typed.trim();
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return `${text}T00:00:00Z`;
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text)) return `${text}:00Z`;
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?$/.test(text) ? `${text}Z` : text;
}

/** What a field for a minute shows: `2026-12-04T18:45`, in UTC. */
export function minuteText(at: Date): string {
  return at.toISOString().slice(0, 16);
}
