import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { proveConsistency, proveInclusion, rootAt } from '../../../src/audit/core/proof.ts';
import {
  createTileReader,
  encodeEntry,
  formatTilePath,
  nodeFromTile,
  parseTilePath,
  type TileId,
  tileOfNode,
} from '../../../src/audit/core/tile.ts';
import { compactNodes, type NodeId } from '../../../src/audit/core/tree.ts';
import { sha256 } from '../../../src/audit/hashing.ts';
import vectors from '../../vectors/merkle-tree.json' with { type: 'json' };
import { mutations } from './mutations.ts';
import { path, rootOfInclusion, rootsOfConsistency, subproof, treeHash } from './reference.ts';
import { decimalLeaves, isSame, readerOf, tilesOf } from './trees.ts';

const leaves = decimalLeaves(65_537);
const levels = [leaves, fullRoots(leaves), fullRoots(fullRoots(leaves))];

const knownRoots = new Map(vectors.decimalLeaves.roots.map(({ size, root }) => [size, Buffer.from(root, 'hex')]));

/** A tile by the definition of c2sp.org/tlog-tiles. */
function tileBytes({ level, index, width }: TileId): Uint8Array {
  return Buffer.concat((levels[level] ?? []).slice(index * 256, index * 256 + width));
}

function fullRoots(hashes: readonly Uint8Array[]): Uint8Array[] {
  const count = Math.floor(hashes.length / 256);
  return Array.from({ length: count }, (_, n) => treeHash(hashes.slice(n * 256, (n + 1) * 256)));
}

const readTiles = async (tiles: readonly TileId[]) => tiles.map(tileBytes);

describe('the path of a tile', () => {
  test.each([
    [{ level: 0, index: 0, width: 256 }, '0/000'],
    [{ level: 0, index: 0, width: 1 }, '0/000.p/1'],
    [{ level: 0, index: 273, width: 112 }, '0/273.p/112'],
    [{ level: 1, index: 1, width: 17 }, '1/001.p/17'],
    [{ level: 2, index: 0, width: 1 }, '2/000.p/1'],
    [{ level: 0, index: 999, width: 256 }, '0/999'],
    [{ level: 0, index: 1_000, width: 256 }, '0/x001/000'],
    [{ level: 0, index: 67, width: 12 }, '0/067.p/12'],
    [{ level: 0, index: 1_067, width: 12 }, '0/x001/067.p/12'],
    [{ level: 3, index: 1_234_067, width: 256 }, '3/x001/x234/067'],
    [{ level: 'entries', index: 1_234_067, width: 255 }, 'entries/x001/x234/067.p/255'],
    [{ level: 6, index: 0, width: 31 }, '6/000.p/31'],
    [{ level: 0, index: 2 ** 45 - 1, width: 255 }, '0/x035/x184/x372/x088/831.p/255'],
  ] as const)('of %j is %s, both ways', (tile, text) => {
    expect(formatTilePath(tile)).toBe(text);
    expect(parseTilePath(text)).toEqual(tile);
  });

  test.each([
    [
      '',
      '0',
      '0/',
      '/000',
      '0/0',
      '0/00',
      '0/0000',
      '00/000',
      '01/000',
      '-1/000',
      '+0/000',
      ' 0/000',
      '0/000 ',
      '0/000\n',
    ],
    ['tile/0/000', '/0/000', '0//000', '0/x000/001', '0/x001', '0/001/002', '0/x001/x002', '0/X001/002', '0/x01/002'],
    [
      '0/000.p',
      '0/000.p/',
      '0/000.p/0',
      '0/000.p/00',
      '0/000.p/01',
      '0/000.p/256',
      '0/000.p/257',
      '0/000.p/-1',
      '0/000.P/1',
    ],
    ['0/000.p/1.p/1', '0/000.p/1/', '0/000p/1', 'data/000', 'entries', 'entries/', 'Entries/000', 'entries/0/000'],
    [
      '6/000',
      '6/000.p/32',
      '6/001.p/1',
      '7/000.p/1',
      '8/000',
      '63/000',
      '64/000',
      '0/x035/x184/x372/x088/831',
      '0/x999/x999/x999/x999/x999/999',
    ],
    ['0/٠٠٠', '0/00\u0660', '0/0x0', '0/1e3', '0/0.0'],
  ])('is none of %j, %j and so on', (...texts) => {
    for (const text of texts) expect(parseTilePath(text), JSON.stringify(text)).toBeUndefined();
  });

  test('with one byte changed is another tile or none, never the same one', () => {
    for (const text of ['0/000', '0/x001/x234/067.p/12', 'entries/999.p/255', '2/x001/000']) {
      for (const other of mutations(text)) {
        const tile = parseTilePath(other);
        if (tile !== undefined) expect(formatTilePath(tile)).toBe(other);
      }
    }
  });

  test('comes back as the tile it is of, and any text that is one is made from its tile', () => {
    const tile = fc.record({
      level: fc.constantFrom(0, 1, 2, 3, 'entries' as const),
      index: fc.oneof(fc.nat(2_000), fc.nat(2 ** 20)),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(tile, (one) => {
        expect(parseTilePath(formatTilePath(one))).toEqual(one);
      }),
    );
    const text = fc.array(fc.constantFrom(...'0129x/.p', 'entries/', '0/', '/x001', '.p/'), { maxLength: 9 });
    fc.assert(
      fc.property(text, (parts) => {
        const one = parseTilePath(parts.join(''));
        if (one !== undefined) expect(formatTilePath(one)).toBe(parts.join(''));
      }),
      { numRuns: 3_000 },
    );
  });

  test('is not made for what no tree has', () => {
    for (const [level, index, width] of [
      [0, -1, 1],
      [0, 0, 0],
      [0, 0, 257],
      [0, 0.5, 1],
      [-1, 0, 1],
      [0.5, 0, 1],
      [7, 0, 1],
      [6, 0, 256],
      [0, 2 ** 45, 1],
      [0, 0, Number.NaN],
    ]) {
      const tile = { level: level ?? 0, index: index ?? 0, width: width ?? 0 };
      expect(() => formatTilePath(tile), JSON.stringify(tile)).toThrow(RangeError);
    }
  });
});

describe('the tiles of a tree', () => {
  test('of 70,000 leaves are those of the specification', () => {
    const tiles = tilesOf(70_000);
    const full = (level: number) => tiles.filter((tile) => tile.level === level && tile.width === 256).length;
    expect([full(0), full(1), full(2)]).toEqual([273, 1, 0]);
    const partial = tiles.filter(({ width }) => width < 256);
    expect(partial.map(formatTilePath)).toEqual(['0/273.p/112', '1/001.p/17', '2/000.p/1']);
  });

  test.each([
    [0, []],
    [1, ['0/000.p/1']],
    [255, ['0/000.p/255']],
    [256, ['0/000', '1/000.p/1']],
    [257, ['0/000', '0/001.p/1', '1/000.p/1']],
  ])('of %i leaves are %j', (size, paths) => {
    expect(tilesOf(size).map(formatTilePath)).toEqual(paths);
  });

  test('at the edges of the second level are as many as there are hashes for', () => {
    const tail = (size: number) =>
      tilesOf(size)
        .filter(({ index, level }) => level > 0 || index > 254)
        .map(formatTilePath);
    expect(tail(65_535)).toEqual(['0/255.p/255', '1/000.p/255']);
    expect(tail(65_536)).toEqual(['0/255', '1/000', '2/000.p/1']);
    expect(tail(65_537)).toEqual(['0/255', '0/256.p/1', '1/000', '2/000.p/1']);
  });
});

describe('a node', () => {
  test('is computed from its tile as the tree defines it, at every level', () => {
    const wrong: string[] = [];
    for (const size of [1, 2, 3, 5, 8, 70, 255, 256, 257, 511, 512, 700]) {
      for (const node of nodesOf(size)) {
        const tile = tileOfNode(node, size);
        const hash = nodeFromTile(sha256, tileBytes(tile), tile, node);
        const { level, index } = node;
        const expected = treeHash(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));
        if (!isSame([hash], [expected])) wrong.push(`${level}/${index} of ${size}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('of level 8 and above is a hash of a higher tile', () => {
    expect(tileOfNode({ level: 8, index: 3 }, 70_000)).toEqual({ level: 1, index: 0, width: 256 });
    expect(tileOfNode({ level: 7, index: 3 }, 70_000)).toEqual({ level: 0, index: 1, width: 256 });
    expect(tileOfNode({ level: 12, index: 16 }, 70_000)).toEqual({ level: 1, index: 1, width: 17 });
    expect(tileOfNode({ level: 16, index: 0 }, 70_000)).toEqual({ level: 2, index: 0, width: 1 });
    expect(tileOfNode({ level: 52, index: 0 }, Number.MAX_SAFE_INTEGER)).toEqual({ level: 6, index: 0, width: 31 });
  });

  test('that the tree has not is in no tile', () => {
    for (const [level, index, size] of [
      [0, 5, 5],
      [1, 2, 5],
      [3, 0, 7],
      [0, 0, 0],
      [53, 0, Number.MAX_SAFE_INTEGER],
    ]) {
      expect(() => tileOfNode({ level: level ?? 0, index: index ?? 0 }, size ?? 0)).toThrow(RangeError);
    }
  });

  test('is not taken from a tile that it is not in, or from one of another length', () => {
    const tile = { level: 0, index: 1, width: 10 };
    const bytes = tileBytes(tile);
    expect(() => nodeFromTile(sha256, bytes.subarray(1), tile, { level: 0, index: 256 })).toThrow(RangeError);
    expect(() => nodeFromTile(sha256, new Uint8Array(0), tile, { level: 0, index: 256 })).toThrow(RangeError);
    for (const [level, index] of [
      [0, 255],
      [0, 266],
      [3, 33],
      [8, 1],
      [2, 66],
    ]) {
      expect(() => nodeFromTile(sha256, bytes, tile, { level: level ?? 0, index: index ?? 0 })).toThrow(RangeError);
    }
  });
});

describe('a reader of tiles', () => {
  test.each([255, 256, 257])('proves, in a tree of %i leaves, what the tree defines', async (size) => {
    const tree = leaves.slice(0, size);
    const read = createTileReader(sha256, size, readTiles);
    expect(await rootAt(sha256, read, size)).toEqual(treeHash(tree));
    for (const index of [0, 1, 100, 127, 128, 253, 254, size - 1]) {
      expect(isSame(await proveInclusion(sha256, read, index, size), path(index, tree)), `${index}`).toBe(true);
      const proof = await proveConsistency(sha256, read, index + 1, size);
      expect(isSame(proof, subproof(index + 1, tree)), `from ${index + 1}`).toBe(true);
    }
  });

  test.each([65_535, 65_536, 65_537])('proves, in a tree of %i leaves, what leads to its root', async (size) => {
    const root = knownRoots.get(size) ?? Buffer.alloc(0);
    const read = createTileReader(sha256, size, readTiles);
    expect(await rootAt(sha256, read, size)).toEqual(root);
    for (const index of [0, 1, 254, 255, 256, 257, 32_767, 32_768, 65_279, 65_280, size - 2, size - 1]) {
      const proof = await proveInclusion(sha256, read, index, size);
      expect(rootOfInclusion(index, size, leaves[index] ?? Buffer.alloc(0), proof), `${index}`).toEqual(root);
    }
    for (const [oldSize, oldRoot] of knownRoots) {
      if (oldSize >= size) continue;
      const proof = await proveConsistency(sha256, read, oldSize, size);
      expect(rootsOfConsistency(oldSize, size, oldRoot, proof), `from ${oldSize}`).toEqual([oldRoot, root]);
    }
  });

  test('proves from the tiles of a larger tree what was true of a smaller one', async () => {
    const read = createTileReader(sha256, 600, readTiles);
    for (const size of [1, 255, 256, 257, 300, 599, 600]) {
      expect(await rootAt(sha256, read, size)).toEqual(treeHash(leaves.slice(0, size)));
    }
  });

  test('asks for each tile once, and for few', async () => {
    const asked: string[][] = [];
    const read = createTileReader(sha256, 65_537, async (tiles) => {
      asked.push(tiles.map(formatTilePath));
      return readTiles(tiles);
    });
    await proveInclusion(sha256, read, 300, 65_537);
    expect(asked).toEqual([['0/001', '1/000', '0/256.p/1']]);
    expect(await read([])).toEqual([]);
  });

  test('refuses a tile of another length, and one that is not given', async () => {
    const short = createTileReader(sha256, 300, async (tiles) => tiles.map((tile) => tileBytes(tile).subarray(32)));
    await expect(rootAt(sha256, short, 300)).rejects.toThrow(RangeError);
    const none = createTileReader(sha256, 300, async () => []);
    await expect(rootAt(sha256, none, 300)).rejects.toThrow(RangeError);
  });

  test('reads the same nodes as the tree defines, whichever are asked for', async () => {
    const size = 600;
    const read = createTileReader(sha256, size, readTiles);
    const byDefinition = readerOf(leaves.slice(0, size));
    const nodes = nodesOf(size);
    await fc.assert(
      fc.asyncProperty(fc.subarray(nodes, { maxLength: 30 }), async (asked) => {
        expect(isSame(await read(asked), await byDefinition(asked))).toBe(true);
      }),
    );
    const covering = compactNodes({ begin: 3, end: size });
    expect(isSame(await read(covering), await byDefinition(covering))).toBe(true);
  });
});

describe('an entry of a bundle', () => {
  test('has its length before it in two bytes, the higher first', () => {
    expect(encodeEntry(Uint8Array.of(7, 8))).toEqual(Uint8Array.of(0, 2, 7, 8));
    expect(encodeEntry(new Uint8Array(258)).subarray(0, 2)).toEqual(Uint8Array.of(1, 2));
    expect(encodeEntry(new Uint8Array())).toEqual(Uint8Array.of(0, 0));
  });

  test('has at most 65,535 bytes', () => {
    const largest = Buffer.alloc(65_535, 9);
    expect(largest.equals(encodeEntry(largest).subarray(2))).toBe(true);
    expect(encodeEntry(largest).subarray(0, 2)).toEqual(Uint8Array.of(255, 255));
    expect(() => encodeEntry(new Uint8Array(65_536))).toThrow(RangeError);
  });
});

/** Every node of a tree of `size` leaves. */
function nodesOf(size: number): NodeId[] {
  const nodes: NodeId[] = [];
  for (let level = 0; 2 ** level <= size; level += 1) {
    for (let index = 0; (index + 1) * 2 ** level <= size; index += 1) nodes.push({ level, index });
  }
  return nodes;
}
