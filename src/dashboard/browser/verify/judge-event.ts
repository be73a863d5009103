import { bytesEqual, fromBase64, toBase64, toHex, utf8 } from '../../../audit/core/base64.ts';
import type { Checkpoint } from '../../../audit/core/checkpoint.ts';
import { commitmentOf } from '../../../audit/core/commitment.ts';
import { hashLeaf } from '../../../audit/core/hash.ts';
import { inclusionRoot } from '../../../audit/core/proof.ts';
import { readLeaf, readPayload } from '../../../audit/core/read-leaf.ts';
import { hashesFrom } from '../../../audit/core/read-line.ts';
import { commitmentsOf, joinEvent, type LeafContent, type OpenedPayload } from '../../../audit/core/readable-event.ts';
import { isSameJson } from '../../../audit/core/same-json.ts';
import { rootOfLeaves } from '../../../audit/core/tree.ts';
import { sha256 } from './hashing.ts';
import type { ProofFile } from './proof-file.ts';
import { fails, holds, open, type Step } from './step.ts';

const EVENT = 'The record is this event';
const PERSONAL = 'Personal data is what the event commits to';
const PAGE = 'This page shows what is in the record';
const RECORDS = 'The single introspections are those that the event commits to';
const PLACE = 'The event is in the log, at its place';

/** What a page says of an event. */
export interface ShownEvent {
  /** From the address of the page. */
  readonly id: string;
  readonly event: unknown;
}

export interface JudgedRecord {
  readonly steps: readonly Step[];
  /** The event as the leaf and its openings have it, if they are an event at all. */
  readonly event: ReturnType<typeof joinEvent> | undefined;
}

/** Whether the leaf and what opens its commitments agree with each other, and with the page. */
export function judgeRecord(proof: ProofFile, shown: ShownEvent): JudgedRecord {
  const leaf = readLeaf(proof.leaf);
  const hash: readonly [string, string] = ['Hash of the record', toBase64(hashOf(proof))];
  if (leaf === undefined) {
    return { steps: [fails(EVENT, 'It is not the canonical JSON of an event.', [hash])], event: undefined };
  }
  if (leaf.id !== shown.id) {
    return {
      steps: [fails(EVENT, 'It is the record of another event.', [hash, ['Its id', leaf.id]])],
      event: undefined,
    };
  }
  const payloads = openPayloads(proof, leaf);
  const event = joinEvent(leaf, proof.leaf_index, payloads.opened);
  const steps = [
    holds(EVENT, `${utf8(proof.leaf).length} bytes of canonical JSON with the id of this event.`, [hash]),
    judgePersonal(leaf, payloads),
    judgePage(shown.event, event, payloads),
    ...judgeIntrospections(leaf, proof.records),
  ];
  return { steps, event };
}

/** Whether the path leads from the leaf to the root of the checkpoint. */
export function judgePlace(proof: ProofFile, checkpoint: Checkpoint | undefined): Step {
  if (checkpoint === undefined) return open(PLACE, 'There is no checkpoint that could tell.');
  const { size, root } = checkpoint;
  const computed = inclusionRoot(sha256, {
    index: proof.leaf_index,
    size,
    leafHash: hashOf(proof),
    proof: hashesFrom(proof.path) ?? [],
  });
  const place = `event ${proof.leaf_index} of ${size}, counted from 0`;
  if (computed === undefined) {
    return fails(PLACE, `The path does not have the hashes that lead from ${place}, to a root.`);
  }
  const numbers = [
    ['Root computed here', toBase64(computed)],
    ['Root of the checkpoint', toBase64(root)],
  ] as const;
  return bytesEqual(computed, root)
    ? holds(PLACE, `The hash of the record and ${proof.path.length} others lead from ${place}, to the root.`, numbers)
    : fails(PLACE, 'The record and its path lead to another root: one of them is not what was signed.', numbers);
}

function hashOf({ leaf }: ProofFile): Uint8Array {
  return hashLeaf(sha256, utf8(leaf));
}

interface Payloads {
  readonly opened: ReadonlyMap<string, OpenedPayload>;
  /** Slots of which what is there does not fit. */
  readonly wrong: readonly string[];
}

function openPayloads({ openings }: ProofFile, leaf: LeafContent): Payloads {
  const commitments = commitmentsOf(leaf);
  const opened = new Map<string, OpenedPayload>();
  const wrong: string[] = [];
  for (const [slot, { salt: saltText, payload: text }] of Object.entries(openings)) {
    const salt = fromBase64(saltText);
    const payload = readPayload(text);
    const fits = salt !== undefined && commitments.get(slot) === commitmentOf(sha256, salt, utf8(text));
    if (fits && payload !== undefined) opened.set(slot, payload);
    else wrong.push(slot);
  }
  return { opened, wrong };
}

function judgePersonal(leaf: LeafContent, { opened, wrong }: Payloads): Step {
  const slots = [...commitmentsOf(leaf).keys()];
  if (slots.length === 0 && wrong.length === 0) return holds(PERSONAL, 'It has none.');
  const erased = slots.filter((slot) => !opened.has(slot) && !wrong.includes(slot));
  const numbers = [...commitmentsOf(leaf)].map(([slot, commitment]) => [nameOfSlot(slot), commitment] as const);
  if (wrong.length > 0) {
    const named = wrong.map(nameOfSlot).join(', ');
    return fails(PERSONAL, `Salt and content do not have the hash that is in the record: ${named}.`, numbers);
  }
  const said =
    opened.size === 0 ? '' : `Salt and content have the hash that is in the record: ${namesOf(opened.keys())}. `;
  const gone = erased.length === 0 ? '' : `Erased, so that nothing is left but the hash: ${namesOf(erased)}.`;
  return holds(PERSONAL, (said + gone).trim(), numbers);
}

function namesOf(slots: Iterable<string>): string {
  return [...slots].map(nameOfSlot).join(', ');
}

function nameOfSlot(slot: string): string {
  const [kind, place = '0'] = slot.split('/');
  if (kind === 'actor') return 'who did it';
  if (kind === 'source') return 'where it came from';
  if (kind === 'target') return place === '0' ? 'what it was done to' : `what it was done to, ${Number(place) + 1}`;
  return kind === 'address' ? `address ${Number(place) + 1} of an introspection` : 'something unknown';
}

function judgePage(shown: unknown, event: object, { wrong }: Payloads): Step {
  if (wrong.length > 0) return open(PAGE, 'That cannot be told while personal data does not fit.');
  return isSameJson(shown, event)
    ? holds(PAGE, 'Field by field, as read from the record and its personal data here.')
    : fails(PAGE, 'It shows something else. Believe what is read from the record, below.');
}

function judgeIntrospections({ introspections }: LeafContent, records: string | undefined): Step[] {
  if (introspections === undefined) return [];
  if (records === undefined) return [open(RECORDS, 'The service gave none of them.')];
  const lines = records.split('\n');
  const root = toHex(
    rootOfLeaves(
      sha256,
      lines.map((line) => hashLeaf(sha256, utf8(line))),
    ),
  );
  const numbers = [
    ['Root computed here', root],
    ['Root in the event', introspections.root],
  ] as const;
  return lines.length === introspections.count && root === introspections.root
    ? [holds(RECORDS, `${lines.length} records have the root that is in the event.`, numbers)]
    : [fails(RECORDS, 'The records do not have the root that is in the event.', numbers)];
}
