import { getManaged } from '../../../identity/members/list.ts';
import type { Member } from '../../../identity/members/member.ts';
import { removeMember } from '../../../identity/members/remove.ts';
import { countSessionsOf } from '../../../identity/sessions/end-of-member.ts';
import { countOwnedTokens, type OwnedTokens } from '../../../tokens/owned.ts';
import type { Pages } from '../../kernel/pages.ts';
import { seeOther } from '../../kernel/view.ts';
import { effectiveOn } from '../../parts/effective.ts';
import { PageForm } from '../../parts/form.tsx';
import { counted } from '../../parts/times.ts';
import { memberCrumbs, memberIdOf, memberPath } from './member-path.ts';
import { OwnedTokensText } from './owned-tokens.tsx';

/** Removes a member, after saying what ends with it. */
export function mountRemove(pages: Pages): void {
  pages.form('/members/:id/remove', 'removeMember', {
    async show(visit, draft) {
      const { services, caller } = visit;
      const member = await getManaged(services, caller, memberIdOf(visit));
      const [tokens, sessionCount] = await Promise.all([
        countOwnedTokens(services, caller, member.id),
        countSessionsOf(services, caller, member.id),
      ]);
      const path = memberPath(visit, member);
      return {
        title: `Remove ${member.name}`,
        section: 'members',
        crumbs: memberCrumbs(visit, member),
        body: (
          <div class="narrow">
            <PageForm csrf={visit.csrf} draft={draft} submit="Remove member" danger cancel={path}>
              <p>This is what happens at once, on every replica by the time the page answers:</p>
              <Consequences member={member} tokens={tokens} sessionCount={sessionCount} />
              <p>It does not come back: who returns is invited anew, as another member.</p>
            </PageForm>
          </div>
        ),
      };
    },
    async submit(visit) {
      const { member, effective } = await removeMember(visit.services, visit.caller, memberIdOf(visit));
      return seeOther(memberPath(visit, member), `“${member.name}” is removed, ${effectiveOn(effective)}.`);
    },
  });
}

interface ConsequencesProps {
  readonly member: Member;
  readonly tokens: OwnedTokens;
  readonly sessionCount: number;
}

function Consequences({ member, tokens, sessionCount }: ConsequencesProps) {
  const tokenCount = tokens.live + tokens.test;
  return (
    <ul class="notes">
      {member.canSignIn && (
        <li>
          Nobody signs in as this member any more
          {sessionCount === 0
            ? '.'
            : `, and ${counted(sessionCount, 'session')} ${sessionCount === 1 ? 'ends' : 'end'}.`}
        </li>
      )}
      {tokenCount === 0 ? (
        <li>It owns no tokens that work.</li>
      ) : (
        <li>
          The tokens that it owns become inactive: <OwnedTokensText memberId={member.id} tokens={tokens} />. They are
          not revoked: give them to somebody else afterwards, and they work again.
        </li>
      )}
      {member.canSignIn && <li>Invitations and reset links that it has made for others are dead.</li>}
      <li>
        Its email address, password, roles and groups are deleted. The name stays for those who read the audit log.
      </li>
    </ul>
  );
}
