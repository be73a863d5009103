import type { Subject } from '../../audit/erasures/subject.ts';
import { clientOf } from '../../db/client.ts';
import type { Transaction } from '../../db/connection.ts';
import { idToUuid, parseId, type WorkspaceId } from '../../lib/ids.ts';

/**
 * Forgets from where and with what sessions were last seen: those from the address, or those of the member, that `subject`
 * is. They go on; a refresh notes it anew.
 */
export async function forgetPlaces(tx: Transaction, workspaceId: WorkspaceId, subject: Subject): Promise<void> {
  const sql = clientOf(tx);
  const member = subject.type === 'member' ? parseId('usr', subject.id) : undefined;
  if (member === undefined && subject.type !== 'source') return;
  const matches = member === undefined ? sql`s.last_seen_from = ${subject.id}` : sql`s.member_id = ${idToUuid(member)}`;
  await sql`
    update sessions s set last_seen_from = null, user_agent = null from members m
    where m.id = s.member_id and m.workspace_id = ${idToUuid(workspaceId)} and ${matches}`;
}
