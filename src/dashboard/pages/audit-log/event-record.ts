import { readLeaf } from '../../../audit/core/read-leaf.ts';
import { commitmentsOf, type LeafContent } from '../../../audit/core/readable-event.ts';
import { type EventRecord, getEventRecord } from '../../../audit/queries/record.ts';
import { ServiceError } from '../../../lib/errors.ts';
import { type EventId, parseId } from '../../../lib/ids.ts';
import { viewerOf } from '../../../web/audit-filters.ts';
import type { Visit } from '../../kernel/visit.ts';

/** The id of the event that the page is about. @throws ServiceError `not_found` for what is no id */
export function eventIdOf(visit: Visit): EventId {
  const id = parseId('evt', visit.param('id'));
  if (id === undefined) throw new ServiceError('not_found');
  return id;
}

/** An event as its page has it. */
export interface PageRecord extends EventRecord {
  /** Of what was known of the event, the slots of which nothing is left. */
  readonly erased: ReadonlySet<string>;
  /** Fields whose values are kept apart, as personal, and are gone. */
  readonly erasedFields: ReadonlySet<string>;
}

/** @throws ServiceError `not_found` if there is none that the visitor may see */
export async function readRecord(visit: Visit): Promise<PageRecord> {
  const record = await getEventRecord(visit.services.db, viewerOf(visit.caller), eventIdOf(visit));
  if (record === undefined) throw new ServiceError('not_found');
  const leaf = readLeaf(record.leaf);
  const erased = new Set(leaf === undefined ? [] : erasedSlots(leaf, record));
  const hasLostValues = erased.has(record.event.targets.length === 0 ? 'actor' : 'target/0');
  return { ...record, erased, erasedFields: new Set(hasLostValues && leaf !== undefined ? personalFields(leaf) : []) };
}

function erasedSlots(leaf: LeafContent, { openings }: EventRecord): string[] {
  return [...commitmentsOf(leaf).keys()].filter((slot) => !Object.hasOwn(openings, slot));
}

function personalFields({ changes }: LeafContent): string[] {
  return changes.filter((change) => 'is_personal' in change).map(({ field }) => field);
}
