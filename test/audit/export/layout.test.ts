import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLayout, type Filling } from '../../../src/audit/export/layout.ts';

type Line = Filling | { readonly kind: 'event'; readonly leafIndex: number };

function layOut(begin: number, end: number, events: readonly number[]): Line[] {
  const layout = createLayout({ begin, end });
  const lines = events.flatMap((leafIndex): Line[] => [
    ...layout.fillTo(leafIndex),
    { kind: 'event', leafIndex },
    ...layout.pass(leafIndex),
  ]);
  return [...lines, ...layout.fillTo(end)];
}

/** Written from the description of the format alone: a line for each tile that is wholly inside and not left out whole. */
function tilesOf(begin: number, end: number, events: readonly number[]): number[] {
  const tiles: number[] = [];
  for (let index = Math.ceil(begin / 256); (index + 1) * 256 <= end; index += 1) {
    if (events.some((event) => Math.floor(event / 256) === index)) tiles.push(index);
  }
  return tiles;
}

const layouts = fc
  .record({
    begin: fc.nat(1_000),
    length: fc.nat(3_000),
    // Runs of events and runs of gaps: both ends of tiles are met often.
    runs: fc.array(fc.tuple(fc.nat(600), fc.nat(600)), { maxLength: 12 }),
  })
  .map(({ begin, length, runs }) => {
    const end = begin + length;
    let next = begin;
    const events = runs.flatMap(([gap, run]) => {
      const first = next + gap;
      next = first + run;
      return Array.from({ length: run }, (_, n) => first + n);
    });
    return { begin, end, events: events.filter((event) => event < end) };
  });

it('accounts for every leaf once and in order', () => {
  fc.assert(
    fc.property(layouts, ({ begin, end, events }) => {
      let next = begin;
      for (const line of layOut(begin, end, events)) {
        if (line.kind === 'event') {
          expect(line.leafIndex).toBe(next);
          next += 1;
        } else if (line.kind === 'gap') {
          expect(line.range.begin).toBe(next);
          expect(line.range.end).toBeGreaterThan(next);
          next = line.range.end;
        } else {
          expect((line.index + 1) * 256).toBe(next);
        }
      }
      expect(next).toBe(end);
    }),
  );
});

it('has a line for each tile that is not left out whole, and gaps within one tile or of whole tiles', () => {
  fc.assert(
    fc.property(layouts, ({ begin, end, events }) => {
      const lines = layOut(begin, end, events);
      const tiles = lines.flatMap((line) => (line.kind === 'tile' ? [line.index] : []));
      expect(tiles).toEqual(tilesOf(begin, end, events));
      for (const line of lines) {
        if (line.kind !== 'gap') continue;
        const { begin: first, end: past } = line.range;
        const isWithinOne = Math.floor(first / 256) === Math.floor((past - 1) / 256);
        expect(isWithinOne || (first % 256 === 0 && past % 256 === 0)).toBe(true);
      }
    }),
  );
});
