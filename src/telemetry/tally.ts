/** Counts by name, in plain numbers. The names come from the code, never from a client: each is kept for ever. */
export interface Tally<Name extends string = string> {
  add(name: Name): void;
  readonly all: () => Iterable<readonly [name: Name, count: number]>;
}

/** `names` are there from the start, with 0: a rate needs a first value to rise from. */
export function createTally<Name extends string>(names: readonly Name[] = []): Tally<Name> {
  const cells = new Map<Name, { count: number }>(names.map((name) => [name, { count: 0 }]));
  return {
    add(name) {
      const cell = cells.get(name);
      if (cell === undefined) cells.set(name, { count: 1 });
      else cell.count += 1;
    },
    *all() {
      for (const [name, { count }] of cells) yield [name, count];
    },
  };
}
