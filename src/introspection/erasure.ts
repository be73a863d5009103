import { type ErasureOrder, eraseFromLog, type ForgottenRows } from '../audit/erasures/erase.ts';
import { countPayloads } from '../audit/erasures/erase-store.ts';
import type { Subject } from '../audit/erasures/subject.ts';
import { logIdOf } from '../audit/events/append.ts';
import { type Database, inTransaction, type Transaction } from '../db/connection.ts';
import { databaseErrorCode } from '../db/errors.ts';
import { isManager } from '../identity/access-level.ts';
import { forgetRemovedName } from '../identity/members/write-store.ts';
import { actorOf, type Caller } from '../identity/principal.ts';
import { forgetPlaces } from '../identity/sessions/erase-store.ts';
import { ServiceError } from '../lib/errors.ts';
import { type EventId, type IdSource, parseId, type WorkspaceId } from '../lib/ids.ts';
import { countRequestTraces, eraseRequests, REQUEST_ERASURE_BATCH } from '../requests/erase-store.ts';
import { eraseUsage } from './usage/erase.ts';
import { countTraces } from './usage/erase-store.ts';

export interface ErasureDeps extends IdSource {
  readonly db: Database;
}

/** How much there is, or was, of a subject in one workspace or in the installation's own log. */
export interface Extent extends ForgottenRows {
  /** Events that named it, or came from it. */
  readonly events: number;
  readonly payloads: number;
}

export interface Erasure extends Extent {
  /** The events that tell of it: one for each batch, and one if there was nothing. */
  readonly eventIds: readonly EventId[];
}

/**
 * Erases the personal data of a subject from the caller's workspace, for good.
 *
 * @throws ServiceError `forbidden` for an API key or a token, since data that nobody can bring back is erased by people; and
 *   for members who do not manage the workspace
 */
export async function erasePersonalData(
  deps: ErasureDeps,
  { principal, request }: Caller,
  { subject, note }: Pick<ErasureOrder, 'subject' | 'note'>,
): Promise<Erasure> {
  if (principal.kind === 'api_key' || principal.kind === 'token') {
    throw new ServiceError('forbidden', { message: 'API keys and tokens cannot erase personal data; people can.' });
  }
  if (principal.kind === 'member' && !isManager(principal.access)) {
    throw new ServiceError('forbidden', { message: 'Only owners and admins erase personal data. Ask one of them.' });
  }
  const { workspaceId } = principal;
  return await eraseSubject(deps, { workspaceId, subject, note, actor: actorOf(principal), request });
}

/**
 * The same in the name of anybody, from a workspace or from the installation's own log. Batch by batch, each one transaction
 * that is complete with its event: whatever ends the work between two, what is gone is told of, and to ask again goes on where
 * it ended. Erasing what is erased already leaves an event that says so. `onBatch` hears how far it is.
 *
 * @throws ServiceError `validation_failed` if the note repeats what is to be forgotten
 */
export async function eraseSubject(
  deps: ErasureDeps,
  order: ErasureOrder,
  onBatch: (soFar: Erasure) => void = () => {},
): Promise<Erasure> {
  if (order.subject.type === 'source' && order.note?.includes(order.subject.id)) {
    throw new ServiceError('validation_failed', {
      details: [{ path: 'reason', message: 'must not repeat the address, which it would keep' }],
    });
  }
  let erasure: Erasure = { events: 0, payloads: 0, usageRows: 0, requestRows: 0, eventIds: [] };
  for (;;) {
    const { hasMore, ...batch } = await eraseBatch(deps, order);
    erasure = {
      events: erasure.events + batch.events,
      payloads: erasure.payloads + batch.payloads,
      usageRows: erasure.usageRows + batch.usageRows,
      requestRows: erasure.requestRows + batch.requestRows,
      eventIds: [...erasure.eventIds, batch.eventId],
    };
    onBatch(erasure);
    if (!hasMore) return erasure;
  }
}

/** What an erasure would find. Changes nothing. */
export async function measureSubject(
  { db }: Pick<ErasureDeps, 'db'>,
  workspaceId: WorkspaceId | null,
  subject: Subject,
): Promise<Extent> {
  const { events, payloads } = await countPayloads(db, logIdOf(workspaceId), subject);
  if (workspaceId === null) return { events, payloads, usageRows: 0, requestRows: 0 };
  const traces = { workspaceId, subject };
  const usageRows = await countTraces(db, traces);
  return { events, payloads, usageRows, requestRows: await countRequestTraces(db, traces) };
}

interface ErasedBatch extends Extent {
  readonly eventId: EventId;
  readonly hasMore: boolean;
}

const MAX_ATTEMPTS = 5;
const DEADLOCK = '40P01';

async function eraseBatch(deps: ErasureDeps, order: ErasureOrder): Promise<ErasedBatch> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTransaction(deps.db, async (tx) => {
        const { hasMore, ...forgotten } = await forgetElsewhere(tx, order);
        const log = await eraseFromLog(tx, deps, order, forgotten);
        // Commit point. A crash before it leaves all of the batch as it was; after it all of it is gone, and its event is queued.
        return { ...log, ...forgotten, hasMore: hasMore || log.hasMore };
      });
    } catch (error) {
      // Old usage is removed in another order than ours.
      if (databaseErrorCode(error) !== DEADLOCK || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** Forgets a batch of what is kept outside of the log. Of the installation itself that is nothing. */
async function forgetElsewhere(
  tx: Transaction,
  { workspaceId, subject }: ErasureOrder,
): Promise<ForgottenRows & { readonly hasMore: boolean }> {
  if (workspaceId === null) return { usageRows: 0, requestRows: 0, hasMore: false };
  const member = subject.type === 'member' ? parseId('usr', subject.id) : undefined;
  // Of one that is not removed the name is in use: whoever is to forget it removes the member first.
  if (member !== undefined) await forgetRemovedName(tx, workspaceId, member);
  await forgetPlaces(tx, workspaceId, subject);
  const traces = { workspaceId, subject };
  const usage = await eraseUsage(tx, traces);
  const requestRows = await eraseRequests(tx, traces);
  return { usageRows: usage.rows, requestRows, hasMore: usage.hasMore || requestRows >= REQUEST_ERASURE_BATCH };
}
