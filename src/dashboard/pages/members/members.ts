import type { Pages } from '../../kernel/pages.ts';
import { mountEdit } from './edit.tsx';
import { mountEndSessions } from './end-sessions.tsx';
import { mountGroups } from './groups.tsx';
import { mountInvite } from './invite.tsx';
import { mountInviteAgain } from './invite-again.tsx';
import { mountMemberList } from './list.tsx';
import { mountMember } from './member.tsx';
import { mountNewMember } from './new.tsx';
import { mountRemove } from './remove.tsx';
import { mountReset } from './reset.tsx';

/** Pages about people: members, and the groups that they are in. */
export function mountMembers(pages: Pages): void {
  mountMemberList(pages);
  // Before those of one member, whose ids are not such words.
  mountInvite(pages);
  mountNewMember(pages);
  mountGroups(pages);
  mountMember(pages);
  mountEdit(pages);
  mountInviteAgain(pages);
  mountReset(pages);
  mountEndSessions(pages);
  mountRemove(pages);
}
