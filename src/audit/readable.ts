import type { AuditEvent } from './event.ts';
import { commit, type Leaf, type LeafChange } from './leaf.ts';
import type { PersonalPayload } from './personal.ts';

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
      .filter(({ slot, salt, payload }) => commitments.get(slot) === commit(salt, payload))
      .map(({ slot, payload }) => [slot, payload]),
  );
  const open = (slot: string): PersonalPayload => {
    const payload = payloads.get(slot);
    return payload === undefined ? {} : (JSON.parse(payload.toString('utf8')) as PersonalPayload);
  };
  const actor = open('actor');
  const targets = leaf.targets.map((_, n) => open(`target/${n}`));
  const typed = targets[0] ?? actor;
  const source = open('source');
  return {
    id: leaf.id,
    schema_version: leaf.schema_version,
    leaf_index: leafIndex,
    workspace: leaf.workspace,
    environment: leaf.environment,
    action: leaf.action,
    operation: leaf.operation,
    outcome: leaf.outcome,
    reason: leaf.reason,
    note: typed.note ?? null,
    occurred_at: leaf.occurred_at,
    actor: { type: leaf.actor.type, id: leaf.actor.id, name: actor.name ?? null },
    targets: leaf.targets.map(({ type, id }, n) => ({ type, id, name: targets[n]?.name ?? null })),
    request: leaf.request,
    source: leaf.source && { ip: source.ip ?? null, user_agent: source.user_agent ?? null },
    changes: readableChanges(leaf.changes, typed.changes ?? []),
    count: leaf.count,
    first_at: leaf.first_at,
    last_at: leaf.last_at,
    introspections: leaf.introspections
      ? {
          ...leaf.introspections,
          addresses: leaf.introspections.addresses.map((_, n) => open(`address/${n}`).ip ?? null),
        }
      : null,
    redacted: payloads.size < commitments.size,
  };
}

/** By slot. */
function commitmentsOf({ actor, targets, source, introspections }: Leaf): Map<string, string> {
  const commitments = new Map<string, string>();
  if (actor.commitment !== null) commitments.set('actor', actor.commitment);
  for (const [n, { commitment }] of targets.entries()) {
    if (commitment !== null) commitments.set(`target/${n}`, commitment);
  }
  if (source !== null) commitments.set('source', source.commitment);
  for (const [n, commitment] of (introspections?.addresses ?? []).entries())
    commitments.set(`address/${n}`, commitment);
  return commitments;
}

/** The payload holds the personal ones in the order in which the leaf names them. */
function readableChanges(changes: readonly LeafChange[], personal: NonNullable<PersonalPayload['changes']>) {
  const rest = personal.values();
  return changes.map((change) => {
    if (!('is_personal' in change)) return change;
    const { value } = rest.next();
    return { field: change.field, old: value?.old ?? null, new: value?.new ?? null };
  });
}
