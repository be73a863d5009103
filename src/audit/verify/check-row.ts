import { type EventId, idFromUuid } from '../../lib/ids.ts';
import { toBase64 } from '../core/base64.ts';
import { type CheckedRecord, checkRecord } from '../core/check-record.ts';
import { type DamageFound, damageAt } from '../core/damage.ts';
import { commitmentsOf } from '../core/readable-event.ts';
import { readableEvent, type StoredPart } from '../events/readable.ts';
import { sha256 } from '../hashing.ts';
import type { LogRow } from './log-store.ts';

export interface CheckedRow extends CheckedRecord {
  readonly eventId: EventId;
  /** Commitments of the leaf that nothing opens any more, by what `audit_erasures` calls their subjects. */
  readonly missing: readonly { readonly type: string; readonly id: string }[];
}

/**
 * Checks a leaf of the database with all that belongs to it, as a record of an export is checked.
 *
 * @throws DamageFound
 */
export function checkRow(row: LogRow, parts: readonly StoredPart[]): CheckedRow {
  const index = Number(row.leaf_index);
  const eventId = idFromUuid('evt', row.event_id);
  const place = { leaves: { first: index, end: index + 1 }, eventId };
  const refuse = (code: DamageFound['damage']['code'], found: string) => damageAt(null, code, found, place);
  if (row.leaf === null) throw refuse('removed_record', `The event of leaf ${index} is gone; only its hash is left.`);
  const checked = checkAsExported(row, row.leaf, index, eventId, parts);
  const { leaf } = checked;
  if (leaf.id !== eventId) throw refuse('inserted_record', `Leaf ${index} belongs to another event than its row says.`);
  if (leaf.introspections !== undefined && row.records === null) {
    throw refuse('edited_introspections', 'The records of its introspections are gone.');
  }
  const wrong = wrongColumn(row, leaf);
  if (wrong !== undefined) throw refuse('edited_index', `\`${wrong}\` of leaf ${index} is not what its event says.`);
  return { ...checked, eventId, missing: checked.isRedacted ? missingOf(leaf, parts) : [] };
}

function checkAsExported(
  { hash, records }: LogRow,
  leafBytes: Buffer,
  index: number,
  eventId: EventId,
  parts: readonly StoredPart[],
): CheckedRecord {
  const record = {
    type: 'event',
    leaf_index: index,
    leaf_hash: toBase64(hash),
    leaf: leafBytes.toString('utf8'),
    openings: Object.fromEntries(
      parts.map(({ slot, salt, payload }) => [slot, { salt: toBase64(salt), payload: payload.toString('utf8') }]),
    ),
    event: shown(leafBytes, index, parts) ?? { id: eventId },
    ...(records !== null && { records: records.toString('utf8') }),
  } as const;
  return checkRecord(sha256, record, JSON.stringify(record), null);
}

/** Undefined for what is no leaf, which the check then says. */
function shown(leaf: Buffer, index: number, parts: readonly StoredPart[]): object | undefined {
  try {
    return readableEvent(leaf, index, parts);
  } catch {
    return undefined;
  }
}

/** The column that does not follow from the leaf; see the sequencer, which derives them. */
function wrongColumn(row: LogRow, { workspace, environment, actor, request, ...leaf }: CheckedRecord['leaf']) {
  const expected = {
    environment: workspace !== null && environment === 'test' ? 'test' : 'live',
    action: leaf.action,
    outcome: leaf.outcome,
    actor_id: actor.id ?? actor.type,
    request_id: requestIdOf(request),
    occurred_at: leaf.occurred_at,
  };
  const found = { ...row, occurred_at: new Date(row.occurred_at).toISOString() };
  const names = ['environment', 'action', 'outcome', 'actor_id', 'request_id', 'occurred_at'] as const;
  return names.find((name) => found[name] !== expected[name]);
}

function requestIdOf(request: object | null): unknown {
  return request !== null && 'id' in request ? request.id : null;
}

function missingOf(leaf: CheckedRecord['leaf'], parts: readonly StoredPart[]): CheckedRow['missing'] {
  const there = new Set(parts.map(({ slot }) => slot));
  const slots = [...commitmentsOf(leaf).keys()].filter((slot) => !there.has(slot));
  return slots.map((slot) => {
    const target = slot.startsWith('target/') ? leaf.targets[Number(slot.slice('target/'.length))] : undefined;
    const subject = slot === 'actor' ? leaf.actor : target;
    // Which address it was is what an erasure forgets.
    return subject === undefined ? { type: 'source', id: '' } : { type: subject.type, id: subject.id ?? subject.type };
  });
}
