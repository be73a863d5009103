import type { TokensToLookAt } from '../../../introspection/attention/attention.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Card } from '../../parts/facts.tsx';
import { Hint } from '../../parts/token.tsx';
import { When } from '../../parts/when.tsx';
import { atLeast } from './stats.tsx';

interface FindingCardProps {
  readonly visit: Visit;
  readonly title: string;
  readonly note: string;
  readonly found: TokensToLookAt;
  /** Which of its times matters here. */
  readonly shows: 'expiry' | 'use';
  /** Where all of them are listed, below the environment. */
  readonly all: string | undefined;
}

/** Tokens that have something in common which somebody should look at; nothing where there are none for sure. */
export function FindingCard({ visit, title, note, found, shows, all }: FindingCardProps) {
  if (found.count === 0 && !found.isMore) return null;
  return (
    <Card
      title={found.count === 0 ? title : `${title} (${atLeast(found)})`}
      note={note}
      actions={all !== undefined && <a href={visit.at(all)}>See all</a>}
    >
      {found.count === 0 && <p class="muted">None among those that were looked at first.</p>}
      <ul class="rows">
        {found.tokens.map(({ id, name, hint, expiresAt, lastUsedAt }) => (
          <li>
            <span class="row-name">
              <a href={visit.at(`/tokens/${id}`)}>{name}</a>
              <Hint hint={hint} />
            </span>
            <span class="row-side">
              {shows === 'expiry' ? (
                <When at={expiresAt} now={visit.now} />
              ) : (
                <LastUse at={lastUsedAt} now={visit.now} />
              )}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** A time beside a token could be any: this says which. */
function LastUse({ at, now }: { at: Date | null; now: Date }) {
  if (at === null) return <span class="muted">never used</span>;
  return (
    <>
      <span class="muted">used</span> <When at={at} now={now} />
    </>
  );
}

export function QuietCard() {
  return (
    <Card title="Nothing needs your attention">
      <p class="muted">
        No token is about to expire, idle or without an end, none was denied in the last 24 hours, and none has come
        from a new address this week.
      </p>
    </Card>
  );
}
