import type { Digest } from '../../credentials/digest.ts';
import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { idFromUuid, idToUuid, type MemberId, type WorkspaceId } from '../../lib/ids.ts';
import type { LinkKind } from './link.ts';

export interface LinkRow {
  readonly uuid: string;
  readonly memberId: MemberId;
  readonly kind: LinkKind;
  readonly digest: Digest;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date;
}

/** The newest link of a member is the only one that works: those before are deleted. */
export async function replaceLink(tx: Transaction, link: LinkRow): Promise<void> {
  await deleteLinks(tx, link.memberId);
  await clientOf(tx)`
    insert into member_links (id, member_id, kind, digest, created_at, created_by, expires_at)
    values (${link.uuid}, ${idToUuid(link.memberId)}, ${link.kind}, ${link.digest}, ${link.createdAt.toISOString()},
      ${link.createdBy}, ${link.expiresAt.toISOString()})`;
}

export async function deleteLinks(tx: Transaction, memberId: MemberId): Promise<void> {
  await clientOf(tx)`delete from member_links where member_id = ${idToUuid(memberId)}`;
}

/** Deletes what a member has made for others and nobody has used: whoever makes a link knows it. */
export async function deleteLinksMadeBy(tx: Transaction, maker: MemberId): Promise<void> {
  await clientOf(tx)`
    delete from member_links where created_by = ${maker} and member_id <> ${idToUuid(maker)} and used_at is null`;
}

/** Whose link this is, good or not; undefined if there is none such. */
export async function selectLinkMember(
  executor: Database | Transaction,
  digest: Digest,
): Promise<{ readonly memberId: MemberId; readonly workspaceId: WorkspaceId } | undefined> {
  const [row] = await clientOf(executor)<{ member_id: string; workspace_id: string }[]>`
    select l.member_id, m.workspace_id from member_links l join members m on m.id = l.member_id
    where l.digest = ${digest}`;
  return row && { memberId: idFromUuid('usr', row.member_id), workspaceId: idFromUuid('ws', row.workspace_id) };
}

/** Marks the link used, if it is still good at `now`: its kind then, else undefined. */
export async function consumeLink(
  tx: Transaction,
  digest: Digest,
  kinds: readonly LinkKind[],
  now: Date,
): Promise<LinkKind | undefined> {
  const [row] = await clientOf(tx)<{ kind: LinkKind }[]>`
    update member_links set used_at = ${now.toISOString()}
    where digest = ${digest} and used_at is null and expires_at > ${now.toISOString()} and kind = any(${[...kinds]})
    returning kind`;
  return row?.kind;
}

/** The kind of a link that is still good at `now`; undefined for any other. */
export async function selectGoodLink(
  executor: Database | Transaction,
  digest: Digest,
  kinds: readonly LinkKind[],
  now: Date,
): Promise<LinkKind | undefined> {
  const [row] = await clientOf(executor)<{ kind: LinkKind }[]>`
    select kind from member_links
    where digest = ${digest} and used_at is null and expires_at > ${now.toISOString()} and kind = any(${[...kinds]})`;
  return row?.kind;
}

/** When and by whom the member's link was made; undefined if it has none that is still good at `now`. */
export async function selectOpenLink(
  executor: Database | Transaction,
  memberId: MemberId,
  now: Date,
): Promise<{ readonly createdAt: Date; readonly createdBy: string } | undefined> {
  const [row] = await clientOf(executor)<{ created_ms: number; created_by: string }[]>`
    select extract(epoch from created_at)::float8 * 1000 as created_ms, created_by from member_links
    where member_id = ${idToUuid(memberId)} and used_at is null and expires_at > ${now.toISOString()}`;
  return row && { createdAt: new Date(Math.round(row.created_ms)), createdBy: row.created_by };
}
