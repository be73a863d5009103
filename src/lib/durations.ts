/**
 * Durations as people type them: whole numbers with a unit, the largest unit first, each at most once: `90d`, `1d12h`.
 * Weeks and days have a fixed length; there are no months or years, which have none.
 */
const UNITS_MS = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;

const PATTERN = /^(?=\d)(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/;

/** How long `text` means in milliseconds, more than 0; undefined if it is no duration. */
export function parseDuration(text: string): number | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const durationMs = Object.values(UNITS_MS).reduce((sum, unitMs, n) => sum + Number(match[n + 1] ?? 0) * unitMs, 0);
  return durationMs > 0 ? durationMs : undefined;
}
