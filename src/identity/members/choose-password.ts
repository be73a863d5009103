import type { NewEvent, RequestOrigin } from '../../audit/events/event.ts';
import type { DigestFunction } from '../../credentials/digest.ts';
import { type Database, inTransaction, type Transaction } from '../../db/connection.ts';
import { sourceOf } from '../../lib/addresses.ts';
import type { Clock } from '../../lib/clock.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { LinkKind } from '../links/link.ts';
import { lookUpLink, redeemLink, whoseLink } from '../links/links.ts';
import type { Passwords } from '../passwords/passwords.ts';
import { requirePassword } from '../passwords/policy.ts';
import type { Member } from './member.ts';
import { updatePassword } from './write-store.ts';

export interface ChoosingDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly digest: DigestFunction;
  readonly passwords: Passwords;
  /** Tells the audit log of a link that did not work; repeats are counted. Never rejects. */
  recordDenial(event: NewEvent): Promise<void>;
}

export interface Choice {
  /** The secret of a link. */
  readonly token: string;
  readonly password: string;
  readonly kinds: readonly LinkKind[];
  readonly request: RequestOrigin;
  /** What the member is with it. Throws if there is something else to mend. */
  become(member: Member, now: Date): Member;
}

export interface Chosen {
  readonly before: Member;
  readonly member: Member;
  readonly workspaceName: string;
}

/**
 * Sets the password of the member whose link it is, and uses the link up: of several at once, one does. Everything that can be
 * mended is refused before, and leaves the link as it was. `work` is what else happens in that transaction.
 *
 * @throws ServiceError `invalid_credentials` whatever is wrong with the link; `validation_failed`
 */
export async function choosePassword<Result>(
  deps: ChoosingDeps,
  choice: Choice,
  work: (tx: Transaction, chosen: Chosen, now: Date) => Promise<Result>,
): Promise<Chosen & { readonly result: Result }> {
  const { db, clock, passwords } = deps;
  const { token, password, kinds } = choice;
  const found = await lookUpLink(deps, token, kinds, clock.now());
  if (found === undefined) return await refuse(deps, choice);
  const { workspaceName } = found;
  requirePassword(password, { ...choice.become(found.member, clock.now()), workspaceName });
  // Only for those who have a link: hashing is work that strangers must not be able to ask for.
  const hash = await passwords.hash(password, sourceOf(choice.request.ip ?? 'unknown'));
  const done = await inTransaction(db, async (tx) => {
    const now = clock.now();
    const redeemed = await redeemLink(tx, deps, token, kinds, now);
    if (redeemed === undefined) return undefined;
    const before = redeemed.member;
    const member = { ...choice.become(before, now), hasPassword: true, revision: before.revision + 1 };
    await updatePassword(tx, member, { hash, changedAt: now });
    const chosen = { before, member, workspaceName };
    return { ...chosen, result: await work(tx, chosen, now) };
  });
  return done ?? (await refuse(deps, choice));
}

/** Tells those whose link it was, if it was one. */
async function refuse(deps: ChoosingDeps, { token, request }: Choice): Promise<never> {
  const known = await whoseLink(deps, token);
  void deps.recordDenial({
    workspaceId: known?.workspaceId ?? null,
    environment: null,
    action: 'authentication.failed',
    outcome: 'failure',
    reason: 'invalid_link',
    actor: { type: 'anonymous', id: null, name: null },
    targets: known === undefined ? [] : [{ type: 'member', id: known.memberId, name: null }],
    request,
  });
  throw new ServiceError('invalid_credentials', { message: BAD_LINK_MESSAGE });
}

const BAD_LINK_MESSAGE =
  'This link does not work: it was used, replaced by a newer one, or has expired. Ask for a new one.';
