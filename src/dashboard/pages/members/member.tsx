import type { AuditEvent } from '../../../audit/events/event.ts';
import { managedLevels } from '../../../identity/members/authority.ts';
import { getMember } from '../../../identity/members/list.ts';
import type { Member } from '../../../identity/members/member.ts';
import { countSessionsOf } from '../../../identity/sessions/end-of-member.ts';
import { namePrincipals } from '../../../introspection/usage/names.ts';
import { countOwnedTokens } from '../../../tokens/owned.ts';
import type { Pages } from '../../kernel/pages.ts';
import type { Visit } from '../../kernel/visit.ts';
import { readGroupings } from './groupings.tsx';
import { LeaverCard } from './leaver-card.tsx';
import { latestEvents, MemberEvents } from './member-events.tsx';
import { GrantsCard, MemberFacts } from './member-facts.tsx';
import { memberIdOf, memberPath, membersCrumb } from './member-path.ts';

/** One member: what is known of it, what it may do, and what has happened. */
export function mountMember(pages: Pages): void {
  pages.page('/members/:id', 'getMember', async (visit) => {
    const { services, caller } = visit;
    const id = memberIdOf(visit);
    const member = await getMember(services, caller, id);
    const [groupings, names, tokens, sessionCount, events] = await Promise.all([
      readGroupings(visit),
      namePrincipals(services, caller, [member.createdBy]),
      countOwnedTokens(services, caller, id),
      countSessionsOf(services, caller, id),
      visit.may('listAuditEvents') ? latestEvents(visit, id) : ([] as readonly AuditEvent[]),
    ]);
    return {
      title: member.name,
      section: 'members',
      crumbs: [membersCrumb(visit)],
      actions: <MemberActions visit={visit} member={member} />,
      body: (
        <>
          {member.status === 'removed' && <LeaverCard visit={visit} member={member} tokens={tokens} />}
          <div class="columns">
            <MemberFacts
              visit={visit}
              member={member}
              inviter={inviterOf(member, names)}
              tokens={tokens}
              sessionCount={sessionCount}
            />
            {member.status !== 'removed' && <GrantsCard visit={visit} member={member} roles={groupings.roles} />}
          </div>
          {visit.may('listAuditEvents') && <MemberEvents visit={visit} member={member} events={events} />}
        </>
      ),
    };
  });
}

function inviterOf({ createdBy }: Member, names: ReadonlyMap<string, string>): string {
  return createdBy === 'system' ? 'an operator of this service' : (names.get(createdBy) ?? createdBy);
}

/** What can be done about it in its state, by whoever is looking. */
function MemberActions({ visit, member }: { visit: Visit; member: Member }) {
  const { status, canSignIn, access } = member;
  const isManaged = managedLevels(visit.caller.principal.access).includes(access);
  if (status === 'removed' || !isManaged) return null;
  const path = memberPath(visit, member);
  return (
    <>
      {status === 'invited' && (
        <a class="button" href={`${path}/invite`}>
          Invite again
        </a>
      )}
      {status === 'active' && canSignIn && (
        <>
          <a class="button" href={`${path}/reset`}>
            Make reset link
          </a>
          <a class="button" href={`${path}/end-sessions`}>
            End sessions
          </a>
        </>
      )}
      <a class="button" href={`${path}/edit`}>
        Edit member
      </a>
      <a class="button button-danger" href={`${path}/remove`}>
        Remove member
      </a>
    </>
  );
}
