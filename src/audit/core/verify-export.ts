import type { BodyCounts } from './body-counts.ts';
import type { NoteCrypto } from './check-header.ts';
import { checkCounts, checkDigest } from './check-manifest.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Cosignature } from './cosignature.ts';
import { type Damage, DamageFound, damageAt } from './damage.ts';
import { OutOfOrder } from './export-body.ts';
import type { ExportHeader, ExportManifest } from './export-format.ts';
import { type ExportExpectations, type OpenedExport, openExport } from './open-export.ts';
import { MAX_LINE_BYTES, type ReadLine, readLine } from './read-line.ts';

/**
 * Verifies an export (`export-format.ts`) line by line, in constant memory, without asking anybody. It holds if
 *
 * - the checkpoint of the header is signed by the given key, whatever key the file names;
 * - every leaf of the range is there once and in order, has its hash, and is shown as it is with what opens its commitments;
 * - leaves, gaps and what lies around them have the root that the checkpoint signs;
 * - each kept checkpoint signs a beginning of that tree, and enough witnesses have cosigned;
 * - the manifest, signed by the same key, is of these very bytes.
 */
export interface ExportVerifier {
  /** Takes a line with its line feed. False when nothing more needs to be read. */
  take(line: Uint8Array): boolean;
  /** Shown records so far. */
  readonly records: number;
  /** Of the header, once it was believed: how many leaves the export accounts for. */
  readonly leaves: number | undefined;
  /** When all lines are taken, or `take` has returned false. */
  finish(): ExportVerdict;
}

/** SHA-256 over bytes that come one after the other. */
export interface RunningDigest {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

export interface VerifierDeps extends NoteCrypto {
  startDigest(): RunningDigest;
}

export interface ExportVerdict {
  /** Null if all holds. */
  readonly damage: Damage | null;
  /**
   * Where the damage was done: `export` if the lines are not those that the service signed, `log` if they are, so that it
   * was done before; null if there is none, or it cannot be told.
   */
  readonly damagedIn: 'export' | 'log' | null;
  readonly header: ExportHeader | null;
  readonly checkpoint: Checkpoint | null;
  readonly cosignatures: readonly Cosignature[];
  readonly counts: BodyCounts | null;
  readonly lines: number;
}

const LINE_FEED = 0x0a;
/** So many lines are read after a damage, for each leaf, to see whether the manifest fits: no file is read for ever. */
const LINES_PER_LEAF = 3;

export function createExportVerifier(deps: VerifierDeps, expected: ExportExpectations): ExportVerifier {
  const digest = deps.startDigest();
  let opened: OpenedExport | undefined;
  let lines = 0;
  let isComplete = false;
  let damage: Damage | null = null;
  let damagedIn: ExportVerdict['damagedIn'] = null;
  /** The leaf that did not come in its turn, and may come later. */
  let awaited: number | undefined;

  function takeSound(bytes: Uint8Array): void {
    const read = readLine(withoutLineFeed(bytes, lines), lines);
    if (opened === undefined) {
      if (read.type !== 'header')
        throw damageAt(lines, 'damaged_line', 'The first line is not the header of an export.');
      opened = openExport(deps, expected, read.header, lines);
    } else if (read.type === 'header') {
      throw damageAt(lines, 'damaged_line', 'Another header.');
    } else if (read.type === 'manifest') {
      close(opened, read.manifest);
      return;
    } else {
      opened.body.take(read, lines);
    }
    digest.update(bytes);
  }

  function close({ header, checkpoint, after, body }: OpenedExport, manifest: ExportManifest): void {
    isComplete = true;
    const seen = { events: body.counts.records, gaps: body.counts.gaps, lines: lines - 1, digest: digest.digest() };
    const signed = found(() => checkDigest(deps, header, manifest, seen.digest, expected.key, lines));
    const wrong =
      found(() => body.finish(after, checkpoint, lines)) ?? signed ?? found(() => checkCounts(manifest, seen, lines));
    if (wrong === undefined) return;
    damage = wrong;
    damagedIn = signed === undefined ? 'log' : 'export';
  }

  /** Reads on after a damage, for the leaf that may come later, and for the digest. */
  function takeDamaged({ header }: OpenedExport, bytes: Uint8Array): boolean {
    const value = bytes.length <= MAX_MANIFEST_BYTES || awaited !== undefined ? tryToRead(bytes, lines) : undefined;
    if (value?.type === 'manifest') {
      isComplete = true;
      const { manifest } = value;
      const wrong = found(() => checkDigest(deps, header, manifest, digest.digest(), expected.key, lines));
      damagedIn = wrong === undefined ? 'log' : 'export';
      return false;
    }
    digest.update(bytes);
    if (awaited !== undefined && firstLeafOf(value) === awaited && damage !== null) {
      const found = `Leaf ${awaited} comes later than it should, in line ${lines}.`;
      damage = { ...damage, code: 'reordered_record', found };
      awaited = undefined;
    }
    return lines <= LINES_PER_LEAF * (header.end - header.first) + 100;
  }

  return {
    get records() {
      return opened?.body.counts.records ?? 0;
    },
    get leaves() {
      return opened && opened.header.end - opened.header.first;
    },
    take(bytes) {
      lines += 1;
      if (isComplete) {
        damage ??= damageAt(lines, 'trailing_data', 'There are lines after the manifest.').damage;
        return false;
      }
      if (damage !== null) return opened !== undefined && takeDamaged(opened, bytes);
      try {
        takeSound(bytes);
      } catch (error) {
        damage = damageOf(error, lines);
        awaited = error instanceof OutOfOrder ? error.expected : undefined;
        digest.update(bytes);
        return opened !== undefined && bytes.at(-1) === LINE_FEED;
      }
      return damage === null;
    },
    finish() {
      if (lines === 0) damage ??= damageAt(null, 'truncated', 'The file is empty.').damage;
      if (!isComplete) damage ??= damageAt(lines, 'truncated', 'The manifest is missing.').damage;
      return {
        damage,
        // What cannot be told from what is there is nobody's doing.
        damagedIn: damage?.code === 'unchecked_history' ? null : damagedIn,
        header: opened?.header ?? null,
        checkpoint: opened?.checkpoint ?? null,
        cosignatures: opened?.cosignatures ?? [],
        counts: opened?.body.counts ?? null,
        lines,
      };
    },
  };
}

const MAX_MANIFEST_BYTES = 4096;

function withoutLineFeed(bytes: Uint8Array, line: number): Uint8Array {
  if (bytes.at(-1) === LINE_FEED) return bytes.subarray(0, -1);
  // Cut off by whoever cuts the lines, and refused for its length.
  if (bytes.length > MAX_LINE_BYTES) return bytes;
  throw damageAt(line, 'truncated', 'The last line is cut off, or has no end.');
}

function tryToRead(bytes: Uint8Array, line: number): ReadLine | undefined {
  try {
    return readLine(withoutLineFeed(bytes, line), line);
  } catch {
    return undefined;
  }
}

function firstLeafOf(read: ReadLine | undefined): number | undefined {
  if (read?.type === 'event') return read.record.leaf_index;
  return read?.type === 'gap' ? read.gap.first : undefined;
}

function found(check: () => void): Damage | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return damageOf(error, null);
  }
}

function damageOf(error: unknown, line: number | null): Damage {
  if (error instanceof DamageFound) return error.damage;
  if (error instanceof OutOfOrder) return error.missing.damage;
  // The only way in which a line of a bounded length makes this code fail.
  if (error instanceof RangeError) return damageAt(line, 'damaged_line', 'The line is nested too deeply.').damage;
  throw error;
}
