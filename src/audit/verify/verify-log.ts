import type { Database } from '../../db/connection.ts';
import type { EventId } from '../../lib/ids.ts';
import { bytesEqual } from '../core/base64.ts';
import { type Damage, DamageFound, damageAt, nameLeaves } from '../core/damage.ts';
import { createExportTree } from '../core/export-tree.ts';
import { findSwap } from '../core/find-swap.ts';
import type { KeptCheckpoint } from '../core/kept-checkpoint.ts';
import { createRecentLeaves } from '../core/recent-leaves.ts';
import { swapped } from '../core/tile-check.ts';
import type { StoredPart } from '../events/readable.ts';
import { sha256 } from '../hashing.ts';
import { selectPrivateParts } from '../queries/read-store.ts';
import { createCheckpointQueue } from './check-checkpoints.ts';
import { type CheckedRow, checkRow } from './check-row.ts';
import { createTileCheck } from './check-tiles.ts';
import { countStrays, type LogRow, selectLogExtent, selectLogRows, selectToldErasures } from './log-store.ts';

/** How the verification of a log in the database went. */
export interface LogVerdict {
  /** The first that was found; null if all holds. */
  readonly damage: Damage | null;
  /** Leaves that were checked. */
  readonly records: number;
  readonly redacted: number;
  readonly size: number;
  /** Stored checkpoints that were checked, and how many leaves the largest covers. */
  readonly checkpoints: number;
  readonly covered: number;
  readonly tiles: number;
  /** Events that wait for their place. */
  readonly pending: number;
  readonly strays: number;
  readonly haltReason: string | null;
}

export interface VerifyLogOptions {
  readonly db: Database;
  readonly logId: string;
  /** Checkpoints from outside of the database, of this log. */
  readonly kept: readonly KeptCheckpoint[];
  readonly signal: AbortSignal;
  onProgress(records: number, size: number): void;
}

/** An event may stand for hundreds of introspections, with a record each. */
const PAGE = 256;

/**
 * Verifies a log where it lies: every leaf with its event and what belongs to it, the tree, its tiles and all checkpoints.
 * Reads only, in short statements, while the log goes on growing: what comes after the beginning is not looked at.
 */
export async function verifyLog(options: VerifyLogOptions): Promise<LogVerdict> {
  const { db, logId, kept, signal } = options;
  const extent = await selectLogExtent(db, logId);
  const tree = createExportTree(sha256, [], 0);
  const recent = createRecentLeaves();
  const tiles = createTileCheck(db, logId);
  const checkpoints = createCheckpointQueue(db, logId, extent.covered, kept);
  /** By subject, how many payloads are gone, and the last event that they are gone from. */
  const gone = new Map<string, { readonly count: number; readonly eventId: EventId }>();
  let redacted = 0;
  let agreedUpTo = 0;

  async function readAll(): Promise<void> {
    await compareCheckpoints();
    for (let first = 0; first < extent.size; first += PAGE) {
      signal.throwIfAborted();
      const end = Math.min(first + PAGE, extent.size);
      await takePage(await selectLogRows(db, logId, first, end), end);
      options.onProgress(tree.next, extent.size);
    }
  }

  async function takePage(rows: readonly LogRow[], end: number): Promise<void> {
    const parts = new Map<string, StoredPart[]>(rows.map(({ event_id }) => [event_id, []]));
    for (const part of await selectPrivateParts(db, [...parts.keys()])) parts.get(part.event_id)?.push(part);
    for (const row of rows) {
      expectLeaf(Number(row.leaf_index));
      const one = checkRow(row, parts.get(row.event_id) ?? []);
      noteMissing(one);
      recent.remember(tree.next, one.leafHash);
      tree.append(one.leafHash);
      await tiles.append(one.leafHash);
      await compareCheckpoints();
    }
    expectLeaf(end);
  }

  function expectLeaf(index: number): void {
    if (index === tree.next) return;
    const leaves = { first: tree.next, end: index };
    throw damageAt(null, 'removed_record', `In the database there is no ${nameLeaves(leaves)}.`, { leaves });
  }

  function noteMissing({ eventId, isRedacted, missing }: CheckedRow): void {
    if (isRedacted) redacted += 1;
    for (const { type, id } of missing) {
      const subject = `${type}/${id}`;
      gone.set(subject, { count: (gone.get(subject)?.count ?? 0) + 1, eventId });
    }
  }

  /** At the end, when all that is gone was erased before: no more may be gone than erasures have told of. */
  async function explainMissing(): Promise<void> {
    if (gone.size === 0) return;
    const told = await selectToldErasures(db, logId);
    const toldOf = new Map(told.map(({ type, id, payloads }) => [`${type}/${id}`, payloads]));
    for (const [subject, { count, eventId }] of gone) {
      const payloads = toldOf.get(subject) ?? 0;
      if (count <= payloads) continue;
      const found =
        payloads === 0
          ? 'Its leaf commits to personal data that is gone, and no erasure of its subject is recorded.'
          : `${count} payloads of a subject that it names are gone, and erasures have told of ${payloads}.`;
      throw damageAt(null, 'missing_personal_data', found, { eventId });
    }
  }

  async function compareCheckpoints(): Promise<void> {
    for (;;) {
      const next = await checkpoints.takeUpTo(tree.next);
      if (next === undefined) return;
      if (bytesEqual(tree.root(), next.checkpoint.root)) agreedUpTo = tree.next;
      else throw contradicted(next);
      const suspicion = tiles.suspicion(true);
      if (suspicion !== undefined) throw suspicion;
    }
  }

  function contradicted({ label, checkpoint: { size, root } }: KeptCheckpoint): DamageFound {
    const suspicion = tiles.suspicion(false);
    if (suspicion !== undefined) return suspicion;
    const begin = tree.tileBegin;
    const tail = recent.between(begin, size);
    const isRight = (ordered: readonly Uint8Array[]) =>
      bytesEqual(tree.root({ instead: ordered, after: [], end: size }), root);
    const places = tail && findSwap(tail, isRight);
    const leaves = { first: agreedUpTo, end: size };
    if (places !== undefined) {
      return swapped([begin + places[0], begin + places[1]]);
    }
    const found = `The checkpoint ${label} does not fit; the fault is somewhere in ${nameLeaves(leaves)}.`;
    return damageAt(null, 'wrong_root', found, { leaves });
  }

  async function checkEnd(): Promise<void> {
    const { size, leafEnd } = extent;
    // No checkpoint speaks for these leaves, so their tile does.
    const suspicion = tiles.suspicion(false);
    if (suspicion !== undefined) throw suspicion;
    const beyond = await checkpoints.takeUpTo(Number.MAX_SAFE_INTEGER);
    if (beyond !== undefined && beyond.checkpoint.size > size) {
      const { label, checkpoint } = beyond;
      const leaves = { first: size, end: checkpoint.size };
      const found = `The checkpoint ${label} counts ${checkpoint.size} leaves; the log has ${size}.`;
      throw damageAt(null, 'rolled_back', found, { leaves });
    }
    if (leafEnd > size) {
      const found = `There are leaves up to ${leafEnd - 1}, and the head of the log counts ${size}.`;
      throw damageAt(null, 'inserted_record', found, { leaves: { first: size, end: leafEnd } });
    }
    await explainMissing();
  }

  const damage = await damageIn(async () => {
    await readAll();
    await checkEnd();
  });
  const { size, covered, pending, haltReason } = extent;
  const strays = await countStrays(db, logId);
  return {
    damage: damage ?? strayDamage(strays),
    records: tree.next,
    redacted,
    size,
    checkpoints: checkpoints.count,
    covered,
    tiles: tiles.count,
    pending,
    strays,
    haltReason,
  };
}

/** The verdict on a log that cannot be verified for `damage` to what it would be verified by. */
export async function unverifiedLog(db: Database, logId: string, damage: Damage): Promise<LogVerdict> {
  const { size, covered, pending, haltReason } = await selectLogExtent(db, logId);
  const strays = await countStrays(db, logId);
  return { damage, records: 0, redacted: 0, size, checkpoints: 0, covered, tiles: 0, pending, strays, haltReason };
}

function strayDamage(strays: number): Damage | null {
  if (strays === 0) return null;
  return damageAt(null, 'stray_event', `${strays} events neither wait nor have a leaf.`).damage;
}

async function damageIn(work: () => Promise<void>): Promise<Damage | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof DamageFound) return error.damage;
    throw error;
  }
}
