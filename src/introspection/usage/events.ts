import type { DenialCount } from '../../audit/denials/table.ts';
import type { AuditAction } from '../../audit/events/catalogue.ts';
import type { NewEvent } from '../../audit/events/event.ts';
import { actorOf } from '../../identity/principal.ts';
import type { Batch } from './batch.ts';
import { isAdmitted } from './outcome.ts';
import type { Counter } from './tally.ts';
import { FURTHER_SOURCES, type SightedSource } from './write-store.ts';

/** What is new in a batch: tokens that had not been used, and tokens that came from where they had not come from. */
export function noveltiesOf(
  { lastUses, sightings }: Batch,
  firstUses: ReadonlySet<string>,
  newSources: readonly SightedSource[],
): NewEvent[] {
  const firsts = lastUses.flatMap(({ uuid, first }) =>
    firstUses.has(uuid) && first.used?.kind === 'token' ? [first] : [],
  );
  // Where a token was used first is no news beside its first use.
  const others = newSources
    .filter((found) => found.isAdmitted)
    .flatMap(({ tokenUuid, source }) => {
      const isFurther = source === FURTHER_SOURCES;
      const sighting = sightings.find(
        (each) => each.tokenUuid === tokenUuid && each.isAdmitted && (isFurther || each.source === source),
      );
      if (sighting === undefined) return [];
      if (isFurther) return useEvent('token.used_from_new_source', sighting.first, FURTHER);
      return firsts.includes(sighting.first) ? [] : useEvent('token.used_from_new_source', sighting.first);
    });
  return [...firsts.flatMap((first) => useEvent('token.first_used', first)), ...others];
}

/** Told once, in place of every further source. */
const FURTHER = { reason: 'too_many_sources', source: null };

/** The uses of tokens that were denied. */
export function denialsOf(counters: readonly Counter[]): DenialCount[] {
  return counters
    .filter(({ outcome }) => !isAdmitted(outcome))
    .flatMap((counter) => {
      const { outcome, count, firstAtMs, lastAtMs } = counter;
      const tally = { count, firstAt: new Date(firstAtMs), lastAt: new Date(lastAtMs) };
      const events = useEvent('token.use_denied', counter, { outcome: 'denied', reason: outcome });
      return events.map((event) => ({ event, ...tally }));
    });
}

type UseAction = Extract<AuditAction, 'token.first_used' | 'token.used_from_new_source' | 'token.use_denied'>;

/**
 * The event of a use, if a token was used that may be told of. The actor is who made the request: the introspector, or
 * the token itself when it has called Tooken; the source is where the token came from.
 */
function useEvent(
  action: UseAction,
  { used, introspector, source }: Counter,
  parts: Partial<Pick<NewEvent, 'outcome' | 'reason' | 'source'>> = {},
): NewEvent[] {
  if (used?.kind !== 'token') return [];
  const event: NewEvent = {
    workspaceId: used.workspaceId,
    environment: used.environment,
    action,
    outcome: 'success',
    actor: actorOf(introspector ?? used),
    targets: [{ type: 'token', id: used.id, name: used.name }],
    request: null,
    source,
    ...parts,
  };
  return [event];
}
