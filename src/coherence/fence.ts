import type { OwnConnections } from '../db/own-connections.ts';
import { type Alarm, createAlarm } from '../lib/alarm.ts';
import type { Clock } from '../lib/clock.ts';
import { ServiceError } from '../lib/errors.ts';
import type { Correspondence } from './correspondence.ts';
import type { Invalidated } from './invalidate.ts';
import { ASK_TO_READ, encodeTell, TELL_CHANNEL } from './messages.ts';
import { isAwaited, type Member, mayEvict } from './protocol.ts';
import type { Xid } from './snapshot.ts';
import { evictReplicas, notify, selectMembers } from './store.ts';

/** Where a change that takes rights away has taken effect. */
export interface Effective {
  /** How many replicas answer accordingly, and all of them do. */
  readonly replicas: number;
  /** How long that took after the commit. */
  readonly waitedMs: number;
}

/**
 * Waits, after the commit of changes, until no replica answers with what was before; see protocol.ts. Call it after the
 * last commit has answered: the wait for replicas that say nothing is counted from here.
 *
 * @throws ServiceError `unavailable` when that cannot be found out: the change is committed, and a retry settles it
 */
export type Fence = (...changes: readonly Invalidated[]) => Promise<Effective>;

export interface FenceOptions {
  readonly connections: Pick<OwnConnections, 'use'>;
  readonly clock: Clock;
  /** The replica in this process, if there is one. */
  readonly self?: FencingReplica | undefined;
  readonly onEvicted?: (count: number) => void;
  readonly onFenced?: (effective: Effective) => void;
  /** Nobody knows whether the changes are effective everywhere. */
  readonly onFailed?: () => void;
}

/** What a fence needs of the replica that it shares the process with. */
export interface FencingReplica extends Pick<Correspondence, 'replyChannel' | 'awaitConfirmations'> {
  /** Applies a change to this process's memory; the id of the registration that has, if there is one. */
  applyHere(changes: readonly Invalidated[]): string | undefined;
}

/** The pauses between two looks at the table; the last one goes on. Replicas that confirm directly need no second look. */
const PAUSES_MS = [20, 30, 50, 100];
const NOBODY = '00000000-0000-0000-0000-000000000000';

export function createFence(options: FenceOptions): Fence {
  const { onFenced, onFailed } = options;
  return async (...changes) => {
    const wait = beginWait(options, changes);
    try {
      const effective = await waitForMembers(
        options,
        changes.map(({ xid }) => xid),
        wait,
      );
      onFenced?.(effective);
      return effective;
    } catch (cause) {
      onFailed?.();
      throw new ServiceError('unavailable', { message: NOT_EFFECTIVE_MESSAGE, cause });
    } finally {
      wait.end();
    }
  };
}

interface Wait {
  readonly startedMs: number;
  readonly confirmed: ReadonlySet<string>;
  /** Rings at every confirmation. */
  readonly news: Alarm;
  readonly tell: { readonly channel: string; readonly message: string; readonly selfId: string };
  end(): void;
}

function beginWait({ clock, self }: FenceOptions, changes: readonly Invalidated[]): Wait {
  const startedMs = clock.monotonicMs();
  const [confirmed, news] = [new Set<string>(), createAlarm()];
  const selfId = self?.applyHere(changes);
  if (selfId !== undefined) confirmed.add(selfId);
  const awaiting = self?.awaitConfirmations(({ registrationId }) => {
    confirmed.add(registrationId);
    news.ring();
  });
  const replyTo =
    self === undefined || awaiting === undefined ? null : { channel: self.replyChannel, fence: awaiting.fence };
  const tell = { channel: TELL_CHANNEL, message: encodeTell({ changes, replyTo }), selfId: selfId ?? NOBODY };
  return { startedMs, confirmed, news, tell, end: () => awaiting?.end() };
}

async function waitForMembers(options: FenceOptions, xids: readonly Xid[], wait: Wait): Promise<Effective> {
  const { connections, clock, onEvicted } = options;
  const waitedMs = () => clock.monotonicMs() - wait.startedMs;
  const isMissing = (member: Member) => isAwaited(member, wait.confirmed);
  let members = await connections.use((db) => selectMembers(db, xids, wait.tell));
  for (let look = 0; ; look += 1) {
    const pauseEndMs = waitedMs() + (PAUSES_MS[Math.min(look, PAUSES_MS.length - 1)] ?? 0);
    while (members.some(isMissing) && waitedMs() < pauseEndMs) await wait.news.sleep(pauseEndMs - waitedMs());
    const missing = members.filter(isMissing);
    if (missing.length === 0) return { replicas: members.length, waitedMs: waitedMs() };
    const overdue = missing.filter(({ leaseMs }) => mayEvict(waitedMs(), leaseMs)).map(({ id }) => id);
    if (overdue.length > 0) {
      const count = await connections.use((db) => evictReplicas(db, overdue, xids));
      if (count > 0) onEvicted?.(count);
    } else if (look === 0) {
      // Whoever listens and has not confirmed lacks the message, or its answer got lost.
      await connections.use((db) => notify(db, [{ channel: TELL_CHANNEL, message: ASK_TO_READ }]));
    }
    members = await connections.use((db) => selectMembers(db, xids));
  }
}

const NOT_EFFECTIVE_MESSAGE =
  'The change is made, but the database was lost before it was certain that it is effective everywhere. Retry: the call can be repeated.';
