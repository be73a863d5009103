import type { Actor, NewEvent, RequestOrigin } from '../../audit/events/event.ts';
import type { Database } from '../../db/connection.ts';
import { sourceOf } from '../../lib/addresses.ts';
import type { Clock } from '../../lib/clock.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { WorkspaceId } from '../../lib/ids.ts';
import { type MailDeps, mailNotice } from '../members/notices.ts';
import type { Passwords } from '../passwords/passwords.ts';
import type { CounterKey } from './keys.ts';
import { countFailure, FAILURES_TO_LOCK, lockedError, readLock } from './lockout.ts';
import type { SigningMember } from './member.ts';

/**
 * Somebody tries to prove who it is. All that follows from a failure is here, and it is the same whether or not there is a
 * member: the same statements, the same answer, an event.
 */
export interface Attempt {
  /** Whose log hears of it; null is the installation's. */
  readonly workspaceId: WorkspaceId | null;
  /** Whom it is about, if anybody. */
  readonly member: SigningMember | undefined;
  /** Whose lock stands in the way. */
  readonly counter: CounterKey;
  /** Under what failures count as well. */
  readonly alsoCounted?: CounterKey | undefined;
  readonly actor: Actor;
  readonly origin: RequestOrigin;
}

export interface AttemptDeps extends MailDeps {
  readonly db: Database;
  readonly clock: Clock;
  /** Counts repeats instead of writing each (audit/denials). Never rejects. */
  recordDenial(event: NewEvent): Promise<void>;
}

/** At which step: nobody has the email, or what was wrong. */
export type FailureReason = 'unknown' | 'password' | 'totp' | 'challenge' | 'locked';

export const ANYBODY: Actor = { type: 'anonymous', id: null, name: null };

/** Who waits behind whom for the work on passwords: whoever comes from one address. */
export function laneOf({ ip }: RequestOrigin): string {
  return sourceOf(ip ?? 'unknown');
}

/** @throws ServiceError `account_locked` */
export async function requireUnlocked(deps: AttemptDeps, attempt: Attempt): Promise<void> {
  const lockedUntil = await readLock(deps.db, attempt.counter, deps.clock.now());
  if (lockedUntil !== undefined) await fail(deps, attempt, 'locked');
}

/**
 * Whether `password` is the one of whom the attempt is about; of nobody it never is. Passwords wait for each other, and those
 * before may have locked the counter: then this one is refused unseen, or whoever sends many at once would learn by what
 * the right one is answered that it is.
 *
 * @throws ServiceError `account_locked`, before or after; `unavailable` if too many passwords wait to be verified
 */
export async function isPasswordRight(
  deps: AttemptDeps & { readonly passwords: Pick<Passwords, 'verify'> },
  attempt: Attempt,
  password: string,
): Promise<boolean> {
  await requireUnlocked(deps, attempt);
  const isRight = await deps.passwords.verify(password, attempt.member?.passwordHash ?? null, laneOf(attempt.origin));
  await requireUnlocked(deps, attempt);
  return isRight;
}

/**
 * Counts a failure and tells of it. The events are written beside the answer, which does not wait for them: the first of a
 * kind takes a transaction and a repeat does not, and the difference would tell whether anybody has an email.
 *
 * @throws ServiceError always: `account_locked` if that is what it is now, else `invalid_credentials`
 */
export async function fail(deps: AttemptDeps, attempt: Attempt, reason: FailureReason): Promise<never> {
  const now = deps.clock.now();
  const { counter, alsoCounted } = attempt;
  const { failures, lockedUntil } = await countFailure(deps.db, counter, now);
  if (alsoCounted !== undefined) await countFailure(deps.db, alsoCounted, now);
  const told = tell(deps, attempt, reason);
  if (failures === FAILURES_TO_LOCK) void told.then(() => tellOfLock(deps, attempt));
  throw lockedUntil === undefined ? new ServiceError('invalid_credentials') : lockedError(lockedUntil, now);
}

async function tellOfLock(deps: AttemptDeps, attempt: Attempt): Promise<void> {
  await deps.recordDenial(eventOf(attempt, 'member.locked'));
  if (attempt.member !== undefined) mailNotice(deps, attempt.origin, { notice: 'locked', ...attempt.member });
}

/** Tells the log of a failure. Never rejects; an answer does not wait for it. */
export function tell(deps: Pick<AttemptDeps, 'recordDenial'>, attempt: Told, reason: FailureReason): Promise<void> {
  return deps.recordDenial(eventOf(attempt, 'member.sign_in_failed', reason));
}

type Told = Pick<Attempt, 'workspaceId' | 'member' | 'actor' | 'origin'>;

function eventOf(
  { workspaceId, member, actor, origin }: Told,
  action: 'member.sign_in_failed' | 'member.locked',
  reason?: FailureReason,
): NewEvent {
  return {
    workspaceId,
    environment: null,
    action,
    outcome: 'failure',
    ...(reason !== undefined && { reason }),
    actor,
    targets: member === undefined ? [] : [{ type: 'member', id: member.id, name: member.name }],
    request: origin,
  };
}
