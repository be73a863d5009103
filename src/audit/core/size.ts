/**
 * Sizes of trees and indexes of leaves: whole numbers from 0 to 2^53 - 1, which arithmetic keeps exact. Shifting and
 * masking do not, they see 32 bits only: so the code of the tree multiplies and divides by powers of two.
 */
export function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Throws a RangeError for what is no size: a caller's mistake. */
export function assertSize(value: number): void {
  if (!isSize(value)) throw new RangeError(`${value} is no size of a tree`);
}

/** A size in ASCII decimal without leading zeros: "0", "70000". Undefined for any other text. */
export function parseSize(text: string): number | undefined {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const size = Number(text);
  return isSize(size) ? size : undefined;
}
