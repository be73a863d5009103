import { BROWSER_IDLE_SECONDS, type Session } from '../../../identity/sessions/session.ts';
import type { Page } from '../../../lib/page.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/facts.tsx';
import { ButtonForm } from '../../parts/form.tsx';
import { Pager, Table } from '../../parts/table.tsx';
import { When } from '../../parts/when.tsx';
import { clientText } from './user-agent.ts';

interface SessionsProps {
  readonly visit: Visit;
  readonly sessions: Page<Session>;
}

/** Where a member is signed in, and the way to end that. */
export function SessionsCard({ visit, sessions: { items, nextCursor } }: SessionsProps) {
  return (
    <Card
      title="Where you are signed in"
      note="Do you not know one of them? End it, then change your password."
      actions={
        <>
          {(items.length > 1 || visit.query.has('cursor')) && (
            <a class="button button-small" href={visit.at('/account/sessions/end-others')}>
              End all others
            </a>
          )}
          <a class="button button-small button-danger" href={visit.at('/account/sessions/end-all')}>
            End all
          </a>
        </>
      }
    >
      <Table caption="Your sessions" columns={['With', 'Address', 'Last seen', 'Signed in', 'Standing']}>
        {items.map((session) => (
          <Row visit={visit} session={session} />
        ))}
      </Table>
      <Pager
        newest={visit.query.has('cursor') ? visit.at('/account') : undefined}
        next={nextCursor === null ? undefined : visit.at(`/account?cursor=${encodeURIComponent(nextCursor)}`)}
      />
    </Card>
  );
}

function Row({ visit, session }: { visit: Visit; session: Session }) {
  const { now } = visit;
  const isThis = session.id === visit.session.id;
  const client = clientText(session);
  return (
    <tr>
      <th scope="row" class="cell-name">
        <bdi>{client}</bdi>
        {session.kind === 'api' && <span class="small">through the API</span>}
      </th>
      <td class="cell-address">
        {session.lastSeenFrom === null ? (
          <span class="muted">unknown</span>
        ) : (
          <code class="nowrap">{session.lastSeenFrom}</code>
        )}
      </td>
      <td>
        <When at={session.lastSeenAt} now={now} />
      </td>
      <td>
        <When at={session.createdAt} now={now} />
      </td>
      <td class="nowrap">
        {isThis && <Badge tone="good">This one</Badge>}
        {!isThis && hasTimedOut(session, now) && <Badge>Timed out</Badge>}
        {!isThis && !hasTimedOut(session, now) && (
          <ButtonForm
            csrf={visit.csrf}
            action={visit.at(`/account/sessions/${session.id}/end`)}
            label={
              <>
                End<span class="unseen"> the session with {client}</span>
              </>
            }
          />
        )}
      </td>
    </tr>
  );
}

/** A browser that was not used for a while is signed out, whatever its session says. */
function hasTimedOut({ kind, lastSeenAt }: Session, now: Date): boolean {
  return kind === 'browser' && now.getTime() - lastSeenAt.getTime() >= BROWSER_IDLE_SECONDS * 1000;
}
