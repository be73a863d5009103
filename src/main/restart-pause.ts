const FIRST_MS = 100;
const LONGEST_MS = 30_000;

/**
 * How long to wait before a worker is started again: not at all after a first failure, then twice as long each time.
 *
 * @param failures how many starts in a row came to nothing, or ended soon; at least 1
 */
export function restartPauseMs(failures: number): number {
  return failures === 1 ? 0 : Math.min(FIRST_MS * 2 ** (failures - 2), LONGEST_MS);
}
