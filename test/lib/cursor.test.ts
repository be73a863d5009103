import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CursorPosition, createCursorCodec } from '../../src/lib/cursor.ts';

const codec = createCursorCodec(Buffer.alloc(32, 1));
const position = fc.oneof(
  fc.maxSafeInteger(),
  fc.string(),
  fc.array(fc.oneof(fc.string(), fc.integer(), fc.boolean())),
);
const asJson = (value: CursorPosition) => JSON.parse(JSON.stringify(value));

test('a cursor opens with its own binding and no other', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), position, (binding, other, value) => {
      const text = codec.encode(binding, value);
      expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(codec.decode(binding, text)).toEqual(asJson(value));
      if (Buffer.from(other).equals(Buffer.from(binding))) return;
      expect(codec.decode(other, text)).toBeUndefined();
    }),
  );
});

test('a cursor changed in any character is refused', () => {
  const text = codec.encode('list', 12_345);
  for (let at = 0; at < text.length; at += 1) {
    for (const other of ['A', 'B', '-', '_', '=', ' ', '+']) {
      const changed = text.slice(0, at) + other + text.slice(at + 1);
      if (changed !== text) expect(codec.decode('list', changed)).toBeUndefined();
    }
  }
});

test('binding and position do not run into each other', () => {
  const text = codec.encode('ab', 1);
  const moved = createCursorCodec(Buffer.alloc(32, 1));
  expect(moved.decode('a', text)).toBeUndefined();
  expect(moved.decode('ab', text)).toBe(1);
});

test('another key opens nothing', () => {
  expect(createCursorCodec(Buffer.alloc(32, 2)).decode('list', codec.encode('list', 1))).toBeUndefined();
});

test('whatever is sent as a cursor is refused, not an error', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => codec.decode('list', text) === undefined),
  );
  expect(codec.decode('list', 'A'.repeat(100_000))).toBeUndefined();
});
