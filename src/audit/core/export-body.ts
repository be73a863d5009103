import { bytesEqual } from './base64.ts';
import { type BodyCounts, createBodyCounter } from './body-counts.ts';
import { checkRecord } from './check-record.ts';
import { type DamageFound, damageAt, nameLeaves } from './damage.ts';
import type { ExportEvent, ExportGap, ExportHeader, ExportTile } from './export-format.ts';
import { createExportTree, type EndedTile } from './export-tree.ts';
import { findSwap } from './find-swap.ts';
import type { Sha256 } from './hash.ts';
import { contradiction, type KeptCheckpoint } from './kept-checkpoint.ts';
import { createKeptRoots } from './kept-roots.ts';
import { hashesFrom, hashFrom, type ReadLine } from './read-line.ts';
import { createRecentLeaves } from './recent-leaves.ts';
import { TILE_WIDTH } from './tile.ts';
import { createTileCheck, swapped } from './tile-check.ts';
import { compactNodes } from './tree.ts';

/** What lies between the header and the manifest: every leaf of the range once, in order. */
export interface ExportBody {
  readonly counts: BodyCounts;
  /** @throws DamageFound; {@link OutOfOrder} if leaves are left out that may come later */
  take(read: Exclude<ReadLine, { type: 'header' | 'manifest' }>, line: number): void;
  /**
   * When the manifest has come: whether all was there, and is the signed tree. `after` is the compact range of what follows.
   *
   * @throws DamageFound; {@link OutOfOrder}
   */
  finish(
    after: readonly Uint8Array[],
    signed: { readonly size: number; readonly root: Uint8Array },
    line: number,
  ): void;
}

/** A line is about later leaves than it should be: those before are missing, or come later. */
export class OutOfOrder extends Error {
  override readonly name = 'OutOfOrder';
  /** The leaf that should have come. */
  readonly expected: number;
  /** If they are missing. */
  readonly missing: DamageFound;

  constructor(expected: number, missing: DamageFound) {
    super(missing.message);
    this.expected = expected;
    this.missing = missing;
  }
}

export interface BodyOptions {
  readonly sha256: Sha256;
  readonly header: ExportHeader;
  /** The compact range of the leaves before the export. */
  readonly before: readonly Uint8Array[];
  /** Checkpoints whose sizes lie in the range of the export, both ends included. */
  readonly kept: readonly KeptCheckpoint[];
  /** Called for one whose root a gap hides. */
  onHidden(kept: KeptCheckpoint): void;
}

export function createExportBody({ sha256, header, before, kept, onHidden }: BodyOptions): ExportBody {
  const { first, end } = header;
  const leavesNothingOut = header.environment === null && Object.keys(header.filters).length === 0;
  const tree = createExportTree(sha256, before, first);
  const recent = createRecentLeaves();
  const tiles = createTileCheck(sha256, recent);
  const roots = createKeptRoots(tree, kept, onHidden);
  const counter = createBodyCounter();
  let dueTile: EndedTile | undefined;

  function expectTurn(leaves: { first: number; end: number }, line: number, eventId: string | null): void {
    if (dueTile !== undefined) {
      const found = `The line with the hash of ${nameLeaves(dueTile)} should be here.`;
      throw damageAt(line, 'removed_record', found, { leaves: { first: dueTile.first, end: dueTile.end }, eventId });
    }
    if (leaves.end > end) {
      throw damageAt(line, 'inserted_record', `The export ends before leaf ${end}.`, { leaves, eventId });
    }
    if (leaves.first > tree.next) {
      const missing = { first: tree.next, end: leaves.first };
      const found = `${capital(nameLeaves(missing))} should be here.`;
      throw new OutOfOrder(tree.next, damageAt(line, 'removed_record', found, { leaves: missing, eventId }));
    }
  }

  function takeEvent(record: ExportEvent, text: string, line: number): void {
    const leaves = { first: record.leaf_index, end: record.leaf_index + 1 };
    if (leaves.first < tree.next) throw repeated(record, line);
    const checked = checkRecord(sha256, record, text, line);
    expectTurn(leaves, line, checked.leaf.id);
    recent.remember(leaves.first, checked.leafHash);
    tree.append(checked.leafHash);
    counter.show(checked);
    dueTile = tree.endedTile();
  }

  function repeated({ leaf_index: index, leaf_hash: text }: ExportEvent, line: number): DamageFound {
    const [seen, shown] = [recent.at(index), hashFrom(text)];
    const leaves = { first: index, end: index + 1 };
    if (seen !== undefined && shown !== undefined && !bytesEqual(seen, shown)) {
      return damageAt(line, 'inserted_record', `Leaf ${index} was here before, as another event.`, { leaves });
    }
    const found = `Leaf ${index} was here before; leaf ${tree.next} should be here.`;
    return damageAt(line, 'duplicated_record', found, { leaves });
  }

  function takeGap(gap: ExportGap, line: number): void {
    const leaves = { first: gap.first, end: gap.end };
    if (gap.first >= gap.end) throw damageAt(line, 'damaged_line', 'A gap without leaves.');
    if (gap.first < tree.next) {
      throw damageAt(line, 'duplicated_record', 'A gap stands for leaves that were here before.', { leaves });
    }
    expectTurn(leaves, line, null);
    const hashes = isWithinTiles(gap) ? hashesFrom(gap.hashes) : undefined;
    if (hashes?.length !== compactNodes({ begin: gap.first, end: gap.end }).length) {
      throw damageAt(line, 'damaged_line', 'A gap does not have the hashes that its leaves have.', { leaves });
    }
    if (leavesNothingOut) {
      const found = `Of ${nameLeaves(leaves)} there are hashes only, in an export that is said to leave nothing out.`;
      throw damageAt(line, 'removed_record', found, { leaves });
    }
    tree.appendRange(hashes, gap.end);
    counter.hide(gap.end - gap.first);
    dueTile = tree.endedTile();
  }

  function takeTile(tile: ExportTile, line: number): void {
    const leaves = { first: tile.first, end: tile.end };
    if (dueTile?.first === tile.first && dueTile.end === tile.end) {
      tiles.compare(tile, dueTile, line);
      dueTile = undefined;
    } else if (dueTile === undefined && tile.first <= tree.next && tree.next < tile.end) {
      const missing = { first: tree.next, end: tile.end };
      const found = `${capital(nameLeaves(missing))} should be here, before the hash of their tile.`;
      throw new OutOfOrder(tree.next, damageAt(line, 'removed_record', found, { leaves: missing }));
    } else {
      throw damageAt(line, 'inserted_record', `The hash of ${nameLeaves(leaves)} does not belong here.`, { leaves });
    }
  }

  /** Whether two leaves behind the last tile were swapped. */
  function swapInTail(
    after: readonly Uint8Array[],
    signed: { size: number; root: Uint8Array },
  ): DamageFound | undefined {
    const begin = tree.tileBegin;
    const leaves = recent.between(begin, end);
    const places =
      leaves &&
      findSwap(leaves, (ordered) => bytesEqual(tree.root({ instead: ordered, after, end: signed.size }), signed.root));
    return places && swapped([begin + places[0], begin + places[1]]);
  }

  roots.compare();
  return {
    get counts() {
      return counter.counts;
    },
    take(read, line) {
      if (read.type === 'event') takeEvent(read.record, read.text, line);
      else if (read.type === 'gap') takeGap(read.gap, line);
      else takeTile(read.tile, line);
      roots.compare();
    },
    finish(after, signed, line) {
      expectTurn({ first: end, end }, line, null);
      const isSigned = bytesEqual(tree.root({ after, end: signed.size }), signed.root);
      const { contradicted, agreedUpTo } = roots;
      const suspicion = tiles.suspicion(isSigned);
      if (suspicion !== undefined) throw suspicion;
      if (!isSigned) {
        const leaves = { first: agreedUpTo, end: contradicted?.checkpoint.size ?? end };
        const found = `The fault is somewhere in ${nameLeaves(leaves)}, or in the hashes around them.`;
        throw swapInTail(after, signed) ?? damageAt(null, 'wrong_root', found, { leaves });
      }
      if (contradicted !== undefined) throw contradiction(contradicted, header.origin);
    },
  };
}

/** A gap lies within one tile, or leaves out whole ones. */
function isWithinTiles({ first, end }: ExportGap): boolean {
  const isInOneTile = Math.floor(first / TILE_WIDTH) === Math.floor((end - 1) / TILE_WIDTH);
  return isInOneTile || (first % TILE_WIDTH === 0 && end % TILE_WIDTH === 0);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
