import type { AuditEvent } from '../audit/events/event.ts';
import type { AuditFilters } from '../audit/queries/filters.ts';
import { type Follower, followLog } from '../audit/queries/follow.ts';
import { createLogWatch } from '../audit/queries/follow-watch.ts';
import { type AuditReader, readLast, readOnward } from '../audit/queries/read.ts';
import { isDatabaseUnavailable } from '../db/errors.ts';
import { createAlarm } from '../lib/alarm.ts';
import { parseDuration } from '../lib/durations.ts';
import { INSTALLATION } from './audit-export.ts';
import { type AuditFilterTexts, parseAuditFilters } from './audit-filters.ts';
import { chooseWorkspace } from './choose-workspace.ts';
import type { Session } from './session.ts';

export type TailedEvent = AuditEvent;

export interface TailChoice extends Omit<AuditFilterTexts, 'until'> {
  readonly workspace?: string | undefined;
  /** Undefined is all of the log. */
  readonly environment?: 'live' | 'test' | undefined;
  /** How many events to begin with, at most {@link MAX_LINES}. */
  readonly lines?: number | undefined;
}

export interface TailSurroundings {
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

export const MAX_LINES = 200;
const DEFAULT_LINES = 10;
const WAIT_MS = 60_000;
/** How long it waits for a database that is away, and how often it looks. */
const PATIENCE_MS = 120_000;
const PAUSE_MS = 500;

/**
 * The events of a log as they come, until `signal`: first the last ones, or with `since` all from then on, then each new one
 * about as soon as it has been answered. A database that is away for a while interrupts it without a gap.
 *
 * @throws ServiceError for a choice that makes no sense; the failure of a database that stays away
 */
export async function* tailAuditLog(
  session: Session,
  choice: TailChoice,
  { signal, onProgress }: TailSurroundings,
): AsyncGenerator<TailedEvent, void> {
  const { db, clock } = session;
  const filters = parseAuditFilters({ ...choice, since: sinceOf(choice.since, clock.now()) });
  const workspaceId = choice.workspace === INSTALLATION ? null : (await chooseWorkspace(session, choice.workspace)).id;
  const reader: AuditReader = { workspaceId, environment: choice.environment ?? null };
  const follower = await followLog({ db, watch: createLogWatch(db) }, { reader, filters, after: undefined });
  const size = follower.position + 1;
  yield* choice.lines === undefined && filters.since !== undefined
    ? readAll(session, reader, filters, size)
    : await readLast(db, reader, filters, { size, limit: choice.lines ?? DEFAULT_LINES });
  const next = patiently(follower, session, { signal, onProgress });
  while (!signal.aborted) yield* await next();
}

/** A duration means so long ago. */
function sinceOf(text: string | undefined, now: Date): string | undefined {
  const durationMs = text === undefined ? undefined : parseDuration(text);
  return durationMs === undefined ? text : new Date(now.getTime() - durationMs).toISOString();
}

async function* readAll(
  { db }: Session,
  reader: AuditReader,
  filters: AuditFilters,
  size: number,
): AsyncGenerator<AuditEvent, void> {
  for (let after = -1; after < size - 1; ) {
    const { events, position } = await readOnward(db, reader, filters, { after, size, limit: MAX_LINES });
    yield* events;
    after = position;
  }
}

/** Asks again when the database was away; says so once, and when it is back. */
function patiently(follower: Follower, { clock }: Session, { signal, onProgress }: TailSurroundings) {
  const pause = createAlarm();
  signal.addEventListener('abort', () => pause.ring());
  return async (): Promise<readonly AuditEvent[]> => {
    let awaySinceMs: number | undefined;
    for (;;) {
      try {
        const events = await follower.next(WAIT_MS, signal);
        if (awaySinceMs !== undefined) onProgress('The database is back.');
        return events;
      } catch (error) {
        const nowMs = clock.monotonicMs();
        if (!isDatabaseUnavailable(error) || signal.aborted) throw error;
        if (awaySinceMs === undefined) onProgress('The database cannot be reached; waiting for it.');
        awaySinceMs ??= nowMs;
        if (nowMs - awaySinceMs >= PATIENCE_MS) throw error;
        await pause.sleep(PAUSE_MS);
      }
    }
  };
}
