/** A set of vectors of `width` 32-bit integers that remembers their order; made for tens of millions of them. */
export interface VectorSet {
  /** False if it was there. */
  add(vector: Int32Array): boolean;
  /** The index at which a vector was added, or -1. */
  indexOf(vector: Int32Array): number;
  at(index: number): Int32Array;
  size(): number;
}

const FIRST_CAPACITY = 1 << 12;

export function createVectorSet(width: number): VectorSet {
  let capacity = FIRST_CAPACITY;
  let vectors = new Int32Array(capacity * width);
  /** Open addressing: index + 1 of the vector in a slot, 0 for an empty one. */
  let slots = new Int32Array(capacity * 2);
  let size = 0;

  function slotOf(vector: Int32Array): number {
    const mask = slots.length - 1;
    let slot = hash(vector) & mask;
    for (;;) {
      const entry = slots[slot] ?? 0;
      if (entry === 0 || isEqualAt(entry - 1, vector)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  function isEqualAt(index: number, vector: Int32Array): boolean {
    const from = index * width;
    for (let n = 0; n < width; n += 1) if (vectors[from + n] !== vector[n]) return false;
    return true;
  }

  function grow(): void {
    const [oldVectors, oldSize] = [vectors, size];
    capacity *= 2;
    vectors = new Int32Array(capacity * width);
    vectors.set(oldVectors);
    slots = new Int32Array(capacity * 2);
    for (let index = 0; index < oldSize; index += 1) slots[slotOf(at(index))] = index + 1;
  }

  function at(index: number): Int32Array {
    return vectors.subarray(index * width, (index + 1) * width);
  }

  return {
    add(vector) {
      const slot = slotOf(vector);
      if (slots[slot] !== 0) return false;
      vectors.set(vector, size * width);
      slots[slot] = size + 1;
      size += 1;
      if (size === capacity) grow();
      return true;
    },
    indexOf: (vector) => (slots[slotOf(vector)] ?? 0) - 1,
    at,
    size: () => size,
  };
}

function hash(vector: Int32Array): number {
  let value = 0x811c9dc5;
  for (const part of vector) {
    value = Math.imul(value ^ part, 0x85ebca6b);
    value ^= value >>> 13;
  }
  return Math.imul(value ^ (value >>> 16), 0xc2b2ae35) >>> 0;
}
