/**
 * Equal values that many objects hold, kept once. `make` is asked for the value of a key that is new; after `max` keys all
 * are forgotten, which costs nothing but new ones.
 */
export function createShared<Value>(make: (key: string) => Value, max: number): (key: string) => Value {
  let known = new Map<string, Value>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= max) known = new Map();
    const value = make(key);
    // In one piece: a key may have been cut out of something large.
    known.set(compact(key), value);
    return value;
  };
}

/** The same text in one piece: what was put together from parts holds on to them, which takes far more than its letters. */
export function compact<Text extends string>(text: Text): Text {
  return Buffer.from(text, 'utf8').toString('utf8') as Text;
}
