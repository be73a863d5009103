import { commitmentOf } from '../core/commitment.ts';
import { commitmentsOf, joinEvent, type OpenedPayload } from '../core/readable-event.ts';
import { sha256 } from '../hashing.ts';
import type { AuditEvent } from './event.ts';
import type { Leaf } from './leaf.ts';

/** What opens a commitment of a leaf, as the database holds it. */
export interface StoredPart {
  readonly slot: string;
  readonly salt: Buffer;
  readonly payload: Buffer;
}

/**
 * An event as readers get it: the leaf, with what is left of the personal payloads that it commits to. A payload that it
 * does not commit to was put there by somebody who can write to the database, and counts as not there.
 */
export function readableEvent(leafBytes: Buffer, leafIndex: number, parts: readonly StoredPart[]): AuditEvent {
  const leaf = JSON.parse(leafBytes.toString('utf8')) as Leaf;
  const commitments = commitmentsOf(leaf);
  const payloads = new Map(
    parts
      .filter(({ slot, salt, payload }) => commitments.get(slot) === commitmentOf(sha256, salt, payload))
      .map(({ slot, payload }) => [slot, JSON.parse(payload.toString('utf8')) as OpenedPayload]),
  );
  return joinEvent(leaf, leafIndex, payloads);
}
