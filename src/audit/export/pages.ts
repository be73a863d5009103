import type { Database } from '../../db/connection.ts';
import type { AuditEvent } from '../events/event.ts';
import { readableEvent, type StoredPart } from '../events/readable.ts';
import { type Facets, facetsOf, withinCalendar } from '../queries/filters.ts';
import { selectLeaves, selectPrivateParts } from '../queries/read-store.ts';
import { type PlainSelection, type StoredLeaf, selectLeavesAt, selectPlainLeaves } from './page-store.ts';
import type { ExportScope } from './scope.ts';

/** A leaf with all that is exported of it. */
export interface ExportedLeaf extends StoredLeaf {
  readonly parts: readonly StoredPart[];
  /** As the API shows it; undefined if the bytes of the leaf are gone, or no event any more. */
  readonly event: AuditEvent | undefined;
}

export interface Selection extends PlainSelection {
  readonly facets: Facets;
}

/** As many as a query of the API may ask for. */
const FACET_PAGE = 200;

export function selectionOf(scope: ExportScope, logId: string, begin: number, end: number): Selection {
  return {
    logId,
    environment: scope.workspaceId === null ? null : scope.environment,
    facets: facetsOf(scope.filters),
    since: withinCalendar(scope.filters.since),
    until: withinCalendar(scope.filters.until),
    begin,
    end,
  };
}

/**
 * The leaves of a selection in their order, page by page. Each page has its own short statements and no transaction: a
 * snapshot that lasts would keep the sequencer's dead rows alive. That shows one history all the same, since what lies
 * below the end of the selection does not change any more, but for erasures.
 */
export async function* readPages(db: Database, selection: Selection): AsyncGenerator<readonly ExportedLeaf[], void> {
  let { begin } = selection;
  while (begin < selection.end) {
    const leaves = await readLeaves(db, { ...selection, begin });
    const last = leaves.at(-1);
    if (last === undefined) return;
    yield await withEvents(db, leaves);
    begin = last.leafIndex + 1;
  }
}

async function readLeaves(db: Database, selection: Selection): Promise<StoredLeaf[]> {
  if (selection.facets.length === 0) return selectPlainLeaves(db, selection);
  const { logId, environment, begin, end, ...conditions } = selection;
  const environments = environment === null ? (['live', 'test'] as const) : [environment];
  const found = await Promise.all(
    environments.map((one) =>
      selectLeaves(db, { ...conditions, logId, environment: one, after: begin - 1, before: end }, 'asc', FACET_PAGE),
    ),
  );
  const indexes = found
    .flat()
    .map(({ leafIndex }) => leafIndex)
    .sort((a, b) => a - b)
    .slice(0, FACET_PAGE);
  return indexes.length === 0 ? [] : selectLeavesAt(db, logId, indexes);
}

async function withEvents(db: Database, leaves: readonly StoredLeaf[]): Promise<ExportedLeaf[]> {
  const partsOf = new Map<string, StoredPart[]>(leaves.map(({ eventId }) => [eventId, []]));
  for (const part of await selectPrivateParts(db, [...partsOf.keys()])) partsOf.get(part.event_id)?.push(part);
  return leaves.map((leaf) => {
    const parts = partsOf.get(leaf.eventId) ?? [];
    return { ...leaf, parts, event: readableIfSound(leaf, parts) };
  });
}

/** What is wrong with a log must be exported as it is, for a verifier to find. */
function readableIfSound({ leaf, leafIndex }: StoredLeaf, parts: readonly StoredPart[]): AuditEvent | undefined {
  if (leaf === null) return undefined;
  try {
    return readableEvent(leaf, leafIndex, parts);
  } catch {
    return undefined;
  }
}
