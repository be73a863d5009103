import type { Transaction } from '../../db/connection.ts';
import { type EventId, type IdSource, idToUuid, newId, type WorkspaceId } from '../../lib/ids.ts';
import { appendAs, logIdOf } from '../events/append.ts';
import type { Actor, NewEvent, RequestOrigin } from '../events/event.ts';
import { lockLog } from '../sequencer/sequencer-store.ts';
import { type ErasedPayloads, erasePayloads } from './erase-store.ts';
import type { Subject } from './subject.ts';

/** That the personal data of `subject` be erased, from the log of one workspace or from the installation's own. */
export interface ErasureOrder {
  readonly workspaceId: WorkspaceId | null;
  readonly subject: Subject;
  readonly actor: Actor;
  readonly request: RequestOrigin;
  /** Why, in somebody's own words. */
  readonly note?: string | undefined;
}

/** How many rows outside of the log have forgotten an address, or more. */
export interface ForgottenRows {
  readonly usageRows: number;
  readonly requestRows: number;
}

export interface LogErasure extends ErasedPayloads {
  readonly eventId: EventId;
}

/**
 * Erases a batch of payloads, and says so in the log, together with what the caller has removed elsewhere: last in the caller's
 * transaction, as with every event. What was committed before is covered; what a call of now adds is not.
 */
export async function eraseFromLog(
  tx: Transaction,
  deps: IdSource,
  order: ErasureOrder,
  forgotten: ForgottenRows,
): Promise<LogErasure> {
  const logId = logIdOf(order.workspaceId);
  const eventId = newId('evt', deps);
  // The sequencer copies addresses into its index under this lock: none can be on its way there while their payloads go.
  await lockLog(tx, logId, { wait: true });
  const erased = await erasePayloads(tx, idToUuid(eventId), logId, order.subject);
  await appendAs(tx, deps, eventId, eventOf(order, { ...erased, ...forgotten }));
  return { eventId, ...erased };
}

/** An address must not come back with the event that tells of its erasure: `id` says no more than that it was one. */
const ERASED = 'erased';

function eventOf(order: ErasureOrder, erased: Omit<ErasedPayloads, 'hasMore'> & ForgottenRows): NewEvent {
  const { workspaceId, subject, actor, request, note } = order;
  const { type, id } = subject;
  const isOwnSource = type === 'source' && request.ip === id;
  return {
    workspaceId,
    environment: null,
    action: 'personal_data.erased',
    outcome: 'success',
    actor: actor.type === type && actor.id === id ? { ...actor, name: null } : actor,
    targets: [{ type, id: type === 'source' ? ERASED : id, name: null }],
    changes: [
      { field: 'redacted_events', old: null, new: erased.events },
      { field: 'erased_payloads', old: null, new: erased.payloads },
      { field: 'forgotten_usage_rows', old: null, new: erased.usageRows },
      { field: 'forgotten_request_rows', old: null, new: erased.requestRows },
    ],
    request: isOwnSource ? { ...request, ip: null, userAgent: null } : request,
    ...(note !== undefined && { note }),
  };
}
