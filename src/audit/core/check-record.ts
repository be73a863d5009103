import { hasDuplicateMember } from '../../lib/json-members.ts';
import { bytesEqual, fromBase64, toHex, utf8 } from './base64.ts';
import { commitmentOf } from './commitment.ts';
import { type DamageFound, damageAt } from './damage.ts';
import type { DamageCode } from './damage-texts.ts';
import type { ExportEvent } from './export-format.ts';
import { hashLeaf, type Sha256 } from './hash.ts';
import { readLeaf, readPayload } from './read-leaf.ts';
import { hashFrom, isObject } from './read-line.ts';
import { commitmentsOf, joinEvent, type LeafContent, type OpenedPayload } from './readable-event.ts';
import { isSameJson } from './same-json.ts';
import { rootOfLeaves } from './tree.ts';

/** An event that agrees with itself: its hash, the payloads beside it, and how it is shown. */
export interface CheckedRecord {
  readonly leafHash: Uint8Array;
  readonly leaf: LeafContent;
  /** Whether a payload that the leaf commits to is not there. */
  readonly isRedacted: boolean;
}

const SALT_BYTES = 32;

/**
 * Checks all that one line can tell. Whether its leaf is in the log is for the tree.
 *
 * @throws DamageFound
 */
export function checkRecord(sha256: Sha256, record: ExportEvent, text: string, line: number | null): CheckedRecord {
  const { leaf_index: leafIndex } = record;
  const eventId = shownId(record.event);
  const refuse: Refuse = (code, found) =>
    damageAt(line, code, found, { leaves: { first: leafIndex, end: leafIndex + 1 }, eventId });
  const leafHash = hashLeaf(sha256, utf8(record.leaf));
  const shownHash = hashFrom(record.leaf_hash);
  if (shownHash === undefined) throw refuse('damaged_line', 'Its leaf hash is no hash in base64.');
  if (record.leaf === '') throw refuse('removed_record', 'The event is gone; only its hash is left.');
  if (!bytesEqual(shownHash, leafHash)) throw refuse('edited_event', 'Its leaf does not have the hash beside it.');
  const leaf = readLeaf(record.leaf);
  if (leaf === undefined) throw refuse('edited_event', 'Its leaf is not the canonical JSON of an event.');
  const payloads = openPayloads(sha256, leaf, record.openings, refuse);
  checkIntrospections(sha256, leaf, record.records, refuse);
  const event = joinEvent(leaf, leafIndex, payloads);
  compareWithText(record, event, text, refuse);
  return { leafHash, leaf, isRedacted: event.redacted };
}

type Refuse = (code: DamageCode, found: string) => DamageFound;

/** Of what passes for an event the id, for people to find it by; nothing else that the line may hold. */
function shownId(event: object): string | null {
  const id = isObject(event) ? event.id : undefined;
  return typeof id === 'string' && EVENT_ID.test(id) ? id : null;
}

const EVENT_ID = /^evt_[0-7][0-9a-hjkmnp-tv-z]{25}$/;

function openPayloads(
  sha256: Sha256,
  leaf: LeafContent,
  openings: ExportEvent['openings'],
  refuse: Refuse,
): Map<string, OpenedPayload> {
  const commitments = commitmentsOf(leaf);
  const payloads = new Map<string, OpenedPayload>();
  for (const [slot, opening] of Object.entries<unknown>(openings)) {
    if (!isObject(opening) || typeof opening.salt !== 'string' || typeof opening.payload !== 'string') {
      throw refuse('damaged_line', 'One of its openings is not a salt and a payload.');
    }
    const salt = fromBase64(opening.salt);
    if (salt?.length !== SALT_BYTES) throw refuse('edited_personal_data', 'A salt is not 32 bytes in base64.');
    if (commitments.get(slot) !== commitmentOf(sha256, salt, utf8(opening.payload))) {
      throw refuse('edited_personal_data', `${nameSlot(slot)} is not what its leaf commits to.`);
    }
    const payload = readPayload(opening.payload);
    if (payload === undefined) throw refuse('edited_personal_data', `${nameSlot(slot)} is not canonical JSON.`);
    payloads.set(slot, payload);
  }
  return payloads;
}

function nameSlot(slot: string): string {
  return /^(actor|source|(target|address)\/\d{1,5})$/.test(slot)
    ? `What is kept of its ${slot}`
    : 'Something kept beside it';
}

/** They may be left out; then the leaf alone speaks for them. */
function checkIntrospections(
  sha256: Sha256,
  { introspections }: LeafContent,
  records: string | undefined,
  refuse: Refuse,
): void {
  if (records === undefined) return;
  if (introspections === undefined) {
    throw refuse('edited_introspections', 'Records of introspections stand beside a leaf that commits to none.');
  }
  const lines = records.split('\n');
  if (lines.length !== introspections.count) {
    throw refuse('edited_introspections', `${lines.length} introspections, of which its leaf has another number.`);
  }
  const root = rootOfLeaves(
    sha256,
    lines.map((one) => hashLeaf(sha256, utf8(one))),
  );
  if (!records.isWellFormed() || toHex(root) !== introspections.root) {
    throw refuse('edited_introspections', 'The records of its introspections do not have the root in its leaf.');
  }
}

/**
 * Writes the line as it should be and compares. That is the quickest way to find that the event is shown as it is, that no
 * member is there twice, and that there are no others.
 */
function compareWithText(record: ExportEvent, event: object, text: string, refuse: Refuse): void {
  const { leaf_index, leaf_hash, leaf, openings, records } = record;
  const expected = {
    type: 'event',
    leaf_index,
    leaf_hash,
    leaf,
    openings,
    event,
    ...(records !== undefined && { records }),
  };
  if (JSON.stringify(expected) === text) return;
  if (hasDuplicateMember(text)) throw refuse('damaged_line', 'A member is in the line twice.');
  if (!isSameJson(record.event, event)) {
    throw refuse('edited_readable_event', 'It is shown differently from its leaf.');
  }
  if (Object.values(openings).some((opening) => Object.keys(opening).length !== 2)) {
    throw refuse('damaged_line', 'One of its openings has members that the format does not know.');
  }
}
