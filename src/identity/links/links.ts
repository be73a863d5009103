import type { DigestFunction } from '../../credentials/digest.ts';
import { generateSecret, parseSecret } from '../../credentials/opaque-secret.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { type IdSource, idToUuid, type MemberId, newId, type WorkspaceId } from '../../lib/ids.ts';
import type { Member } from '../members/member.ts';
import { lockMember, selectMember, selectWorkspaceName } from '../members/store.ts';
import { LINK_SECONDS, type Link, type LinkKind, linkUrl } from './link.ts';
import { consumeLink, replaceLink, selectGoodLink, selectLinkMember } from './store.ts';

export interface LinkDeps extends IdSource {
  readonly digest: DigestFunction;
  readonly config: { readonly publicUrl: string };
}

export interface LinkOrder {
  readonly memberId: MemberId;
  readonly kind: LinkKind;
  /** Id of the principal that makes it, or `system`. */
  readonly createdBy: string;
}

/** Makes a link; older ones of the member are dead. The caller has locked the member. */
export async function createLink(
  tx: Transaction,
  deps: LinkDeps,
  { memberId, kind, createdBy }: LinkOrder,
): Promise<Link> {
  const secret = generateSecret('link', deps.random);
  const createdAt = deps.clock.now();
  const expiresAt = new Date(createdAt.getTime() + LINK_SECONDS * 1000);
  const uuid = idToUuid(newId('lnk', deps));
  await replaceLink(tx, { uuid, memberId, kind, digest: deps.digest(secret), createdAt, createdBy, expiresAt });
  return { url: linkUrl(deps.config.publicUrl, secret), secret, expiresAt };
}

/** Whose link a text is, good or not; undefined for what is no link of ours. */
export async function whoseLink(
  { db, digest }: { readonly db: Database; readonly digest: DigestFunction },
  text: string,
): Promise<{ readonly memberId: MemberId; readonly workspaceId: WorkspaceId } | undefined> {
  const secret = parseSecret('link', text);
  return secret && (await selectLinkMember(db, digest(secret)));
}

export interface Redeemed {
  /** As it was before. */
  readonly member: Member;
  readonly kind: LinkKind;
}

export interface FoundLink extends Redeemed {
  readonly workspaceName: string;
}

/** What {@link redeemLink} would find, without using the link up: for what is to be checked before. */
export async function lookUpLink(
  { db, digest }: { readonly db: Database; readonly digest: DigestFunction },
  text: string,
  kinds: readonly LinkKind[],
  now: Date,
): Promise<FoundLink | undefined> {
  const secret = parseSecret('link', text);
  if (secret === undefined) return undefined;
  const [found, kind] = await Promise.all([
    selectLinkMember(db, digest(secret)),
    selectGoodLink(db, digest(secret), kinds, now),
  ]);
  if (found === undefined || kind === undefined) return undefined;
  const member = await selectMember(db, found.workspaceId, found.memberId);
  if (member === undefined || member.status === 'removed') return undefined;
  return { member, kind, workspaceName: await selectWorkspaceName(db, found.workspaceId) };
}

/**
 * Uses a link up, if it is one of `kinds` and still good at `now`. Of several that come with the same one, one gets it, and
 * the member is locked for it until the transaction ends. Undefined for one that is unknown, replaced, used, expired or of
 * another kind, and for a member that is removed.
 */
export async function redeemLink(
  tx: Transaction,
  deps: Pick<LinkDeps, 'digest'>,
  text: string,
  kinds: readonly LinkKind[],
  now: Date,
): Promise<Redeemed | undefined> {
  const secret = parseSecret('link', text);
  if (secret === undefined) return undefined;
  const digest = deps.digest(secret);
  const found = await selectLinkMember(tx, digest);
  if (found === undefined) return undefined;
  // The member first, as everywhere; whether the link is still good is asked under that lock.
  const member = await lockMember(tx, found.workspaceId, found.memberId);
  if (member === undefined || member.status === 'removed') return undefined;
  const kind = await consumeLink(tx, digest, kinds, now);
  return kind && { member, kind };
}
