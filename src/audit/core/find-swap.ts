const MAX_FOR_ALL_PAIRS = 64;

/**
 * The places of two of `items` that have to be swapped to make `isRight` true. Of many items only neighbours are tried,
 * since each attempt costs what `isRight` costs.
 */
export function findSwap<Item>(
  items: readonly Item[],
  isRight: (ordered: readonly Item[]) => boolean,
): [number, number] | undefined {
  const farthest = items.length <= MAX_FOR_ALL_PAIRS ? items.length : 1;
  for (let one = 0; one < items.length; one += 1) {
    for (let other = one + 1; other < items.length && other - one <= farthest; other += 1) {
      const swapped = [...items];
      [swapped[one], swapped[other]] = [swapped[other] as Item, swapped[one] as Item];
      if (isRight(swapped)) return [one, other];
    }
  }
  return undefined;
}
