import type { Member } from '../../../identity/members/member.ts';
import type { Role } from '../../../identity/named/kind.ts';
import type { OwnedTokens } from '../../../tokens/owned.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Card, Facts } from '../../parts/facts.tsx';
import { thousands } from '../../parts/times.ts';
import { ScopeTags } from '../../parts/token.tsx';
import { When } from '../../parts/when.tsx';
import { ACCESS_TEXTS, AccessBadge } from './access.tsx';
import { OwnedTokensText } from './owned-tokens.tsx';
import { SecondFactorBadge, StatusBadge } from './status.tsx';

interface MemberFactsProps {
  readonly visit: Visit;
  readonly member: Member;
  /** What is said of who has made it. */
  readonly inviter: string;
  readonly tokens: OwnedTokens;
  readonly sessionCount: number;
}

export function MemberFacts({ visit, member, inviter, tokens, sessionCount }: MemberFactsProps) {
  const { now } = visit;
  const { status, canSignIn } = member;
  const signsIn = canSignIn && status !== 'removed';
  return (
    <Card title="About">
      <Facts
        facts={[
          ['Status', <StatusBadge member={member} />],
          ['Email', member.email ?? undefined],
          [
            'Access',
            <>
              <AccessBadge access={member.access} />
              <span class="hint">{ACCESS_TEXTS[member.access].allows}</span>
            </>,
          ],
          ['Sign-in', canSignIn ? undefined : 'Never: this account only owns tokens'],
          ['Second factor', signsIn && status === 'active' ? <SecondFactorBadge member={member} /> : undefined],
          ['Sessions', signsIn && status === 'active' ? thousands(sessionCount) : undefined],
          ['Last signed in', signsIn ? <When at={member.lastSignedInAt} now={now} /> : undefined],
          [
            'Tokens',
            <>
              <OwnedTokensText memberId={member.id} tokens={tokens} />
              {status === 'active' && visit.may('issueToken') && (
                <>
                  {' · '}
                  <a href={visit.at(`/tokens/new?owner=${member.id}`)}>Issue one</a>
                </>
              )}
            </>,
          ],
          [canSignIn ? 'Invited' : 'Added', <When at={member.createdAt} now={now} />],
          [canSignIn ? 'Invited by' : 'Added by', inviter],
          ['Joined', member.joinedAt === null ? undefined : <When at={member.joinedAt} now={now} />],
          ['Removed', member.removedAt === null ? undefined : <When at={member.removedAt} now={now} />],
          ['Id', <code>{member.id}</code>],
        ]}
      />
    </Card>
  );
}

/** Its roles, what they grant, and its groups. */
export function GrantsCard({ visit, member, roles }: { visit: Visit; member: Member; roles: readonly Role[] }) {
  const scopesOf = new Map(roles.map(({ id, scopes }) => [id, scopes]));
  return (
    <Card title="Roles and groups" note="Tokens that a member owns can do what its roles grant, and no more.">
      {member.roles.length === 0 ? (
        <p>No roles: tokens of this member can do nothing.</p>
      ) : (
        <ul class="granted">
          {member.roles.map(({ id, name }) => (
            <li>
              <a href={visit.at(`/roles/${id}`)}>{name}</a>
              <ScopeTags scopes={scopesOf.get(id) ?? []} max={12} />
            </li>
          ))}
        </ul>
      )}
      <Facts
        facts={[
          [
            'Groups',
            member.groups.length === 0 ? (
              <span class="muted">none</span>
            ) : (
              <span class="tags">
                {member.groups.map(({ id, name }) => (
                  <a class="tag" href={visit.at(`/members?group=${id}`)}>
                    {name}
                  </a>
                ))}
              </span>
            ),
          ],
        ]}
      />
    </Card>
  );
}
