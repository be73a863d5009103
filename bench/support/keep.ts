/** Something that must not outlive a benchmark. */
type Ending = { stop(): Promise<void> } | { drop(): Promise<void> };

/** Waits for something to start, and sees to its end. */
export type Keep = <Item extends Ending>(starting: Promise<Item>) => Promise<Item>;

/** Runs `work`. All that it has kept ends with it, the latest first, however it ends. */
export async function whileKept<T>(work: (keep: Keep) => Promise<T>): Promise<T> {
  const kept: Ending[] = [];
  try {
    return await work(async (starting) => {
      const item = await starting;
      kept.unshift(item);
      return item;
    });
  } finally {
    for (const item of kept) await ('stop' in item ? item.stop() : item.drop());
  }
}
