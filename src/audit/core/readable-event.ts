/**
 * How readers see an event: its leaf, joined with those of the personal payloads it commits to that have not been erased.
 * A leaf and its payloads say all of it, so whoever has them can tell whether an event is shown as it is.
 */

/** What of a leaf the join reads. */
export interface LeafContent {
  readonly id: string;
  readonly schema_version: number;
  readonly workspace: string | null;
  readonly environment: string | null;
  readonly action: string;
  readonly operation: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly occurred_at: string;
  readonly actor: LeafContentSubject;
  readonly targets: readonly (LeafContentSubject & { readonly id: string })[];
  readonly request: object | null;
  readonly source: { readonly commitment: string } | null;
  readonly changes: readonly LeafContentChange[];
  readonly count: number;
  readonly first_at: string | null;
  readonly last_at: string | null;
  readonly introspections?: { readonly count: number; readonly root: string; readonly addresses: readonly string[] };
}

interface LeafContentSubject {
  readonly type: string;
  readonly id: string | null;
  readonly commitment: string | null;
}

type LeafContentChange =
  | { readonly field: string; readonly old: unknown; readonly new: unknown }
  | { readonly field: string; readonly is_personal: true };

/** What a commitment of a leaf may open to. */
export interface OpenedPayload {
  readonly name?: string;
  readonly note?: string;
  readonly changes?: readonly { readonly old: unknown; readonly new: unknown }[];
  readonly ip?: string;
  readonly user_agent?: string;
}

/** `payloads` are the opened ones, by slot. */
export function joinEvent<Leaf extends LeafContent>(
  leaf: Leaf,
  leafIndex: number,
  payloads: ReadonlyMap<string, OpenedPayload>,
) {
  const open = (slot: string): OpenedPayload => payloads.get(slot) ?? {};
  const actor = open('actor');
  const targets = leaf.targets.map((_, n) => open(`target/${n}`));
  const typed = targets[0] ?? actor;
  const source = open('source');
  return {
    id: leaf.id as Leaf['id'],
    schema_version: leaf.schema_version as Leaf['schema_version'],
    leaf_index: leafIndex,
    workspace: leaf.workspace as Leaf['workspace'],
    environment: leaf.environment as Leaf['environment'],
    action: leaf.action as Leaf['action'],
    operation: leaf.operation as Leaf['operation'],
    outcome: leaf.outcome as Leaf['outcome'],
    reason: leaf.reason,
    note: typed.note ?? null,
    occurred_at: leaf.occurred_at,
    actor: {
      type: leaf.actor.type as Leaf['actor']['type'],
      id: leaf.actor.id as Leaf['actor']['id'],
      name: actor.name ?? null,
    },
    targets: leaf.targets.map(({ type, id }, n) => ({
      type: type as Leaf['targets'][number]['type'],
      id,
      name: targets[n]?.name ?? null,
    })),
    request: leaf.request as Leaf['request'],
    source: leaf.source && { ip: source.ip ?? null, user_agent: source.user_agent ?? null },
    changes: joinChanges(leaf.changes, typed.changes ?? []),
    count: leaf.count,
    first_at: leaf.first_at,
    last_at: leaf.last_at,
    introspections: leaf.introspections
      ? {
          ...leaf.introspections,
          addresses: leaf.introspections.addresses.map((_, n) => open(`address/${n}`).ip ?? null),
        }
      : null,
    redacted: payloads.size < commitmentsOf(leaf).size,
  };
}

/** By slot. */
export function commitmentsOf({
  actor,
  targets,
  source,
  introspections,
}: Pick<LeafContent, 'actor' | 'targets' | 'source' | 'introspections'>): Map<string, string> {
  const commitments = new Map<string, string>();
  if (actor.commitment !== null) commitments.set('actor', actor.commitment);
  for (const [n, { commitment }] of targets.entries()) {
    if (commitment !== null) commitments.set(`target/${n}`, commitment);
  }
  if (source !== null) commitments.set('source', source.commitment);
  for (const [n, commitment] of (introspections?.addresses ?? []).entries()) {
    commitments.set(`address/${n}`, commitment);
  }
  return commitments;
}

/** The payload holds the personal ones in the order in which the leaf names them. */
function joinChanges(changes: readonly LeafContentChange[], personal: NonNullable<OpenedPayload['changes']>) {
  const rest = personal.values();
  return changes.map((change) => {
    if (!('is_personal' in change)) return change;
    const { value } = rest.next();
    return { field: change.field, old: value?.old ?? null, new: value?.new ?? null };
  });
}
