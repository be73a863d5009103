import type { Member } from '../../../identity/members/member.ts';
import type { Role } from '../../../identity/named/kind.ts';
import type { Page } from '../../../lib/page.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Card } from '../../parts/facts.tsx';

/** The members who hold a role, the newest first, and the way to the others. */
export function HoldersCard({
  visit,
  role,
  members: { items, nextCursor },
}: {
  visit: Visit;
  role: Role;
  members: Page<Member>;
}) {
  const all = (
    <a href={visit.at(`/members?role=${role.id}`)}>{nextCursor === null ? 'Open as a list' : 'See all of them'}</a>
  );
  return (
    <Card
      title="Members who hold it"
      note="The tokens that they own can do no more than their roles grant."
      {...(items.length > 0 && { actions: all })}
    >
      {items.length === 0 ? (
        <p class="muted">None.</p>
      ) : (
        <ul class="names">
          {items.map(({ id, name, email }) => (
            <li>
              <a href={visit.at(`/members/${id}`)}>
                <bdi>{name}</bdi>
              </a>{' '}
              {email !== null && <span class="muted">{email}</span>}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
