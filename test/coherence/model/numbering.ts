/** Numbers for values: equal values get equal numbers, however deep the equality lies, and different ones different numbers. */
export interface Numbering {
  /** What is undefined inside of a value is not there. */
  numberOf(value: object): number;
  /** A value that has this number. */
  valueAt(number: number): object;
}

/** A place in the tree of all values, reached by their keys and parts in order. */
interface Place {
  readonly next: Map<unknown, Place>;
  number: number | undefined;
}

export function createNumbering(): Numbering {
  const values: object[] = [];
  const root = createPlace();
  /** Most of what is asked about is made of objects that have their number. */
  const byIdentity = new Map<object, number>();

  function numberOf(value: object): number {
    const known = byIdentity.get(value);
    if (known !== undefined) return known;
    const place = placeOf(value);
    if (place.number === undefined) {
      place.number = values.push(value) - 1;
      byIdentity.set(value, place.number);
    }
    return place.number;
  }

  function placeOf(value: object): Place {
    let place = root;
    const parts = value as Readonly<Record<string, unknown>>;
    for (const key in parts) {
      const part = parts[key];
      if (part !== undefined)
        place = step(step(place, key), typeof part === 'object' && part !== null ? values[numberOf(part)] : part);
    }
    return Array.isArray(value) ? step(place, Array) : place;
  }

  return {
    numberOf,
    valueAt(number) {
      const value = values[number];
      if (value === undefined) throw new Error('nothing has this number');
      return value;
    },
  };
}

function createPlace(): Place {
  return { next: new Map(), number: undefined };
}

function step({ next }: Place, by: unknown): Place {
  const known = next.get(by);
  if (known !== undefined) return known;
  const place = createPlace();
  next.set(by, place);
  return place;
}
