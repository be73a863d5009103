import type { TokenReliance } from '../../../introspection/usage/reliance.ts';
import { statusOf, type Token } from '../../../tokens/token.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Copyable } from '../../parts/copyable.tsx';
import { Icon } from '../../parts/icon.tsx';
import { absoluteTime, counted, relativeTime } from '../../parts/times.ts';
import { Hint, TokenStatus } from '../../parts/token.tsx';
import { isOver } from './detail-over.tsx';
import { tokenPath } from './detail-token.ts';
import { type Names, Who } from './detail-who.tsx';

interface StandingProps {
  readonly visit: Visit;
  readonly token: Token;
  readonly names: Names;
  readonly issued: TokenReliance['issuedTokens'];
}

/** What a token is, at a glance, and what somebody should know first. */
export function Standing(props: StandingProps) {
  const { visit, token } = props;
  return (
    <div class="stack-small">
      <div class="token-line">
        <TokenStatus token={token} now={visit.now} />
        <Hint hint={token.hint} />
        <Copyable label="id of the token" text={token.id} />
      </div>
      {token.description !== null && token.description !== '' && (
        <p class="token-description">
          <bdi>{token.description}</bdi>
        </p>
      )}
      <Ended {...props} />
      <Issued {...props} />
      {token.owner?.isRemoved === true && statusOf(token, visit.now) === 'active' && (
        <Warning>
          Its owner was removed from the workspace, so services are told that it is not active.
          {visit.may('reassignToken') && ' Reassign it to make it work again, or revoke it.'}
        </Warning>
      )}
    </div>
  );
}

const SOON_MS = 14 * 86_400_000;

function Ended({ visit, token, names }: StandingProps) {
  const { revokedAt, revokedBy, revokeReason, expiresAt } = token;
  if (revokedAt !== null) {
    return (
      <Warning tone="bad">
        Revoked {relativeTime(revokedAt, visit.now)}, on {absoluteTime(revokedAt)}
        {revokedBy !== null && (
          <>
            , by <Who id={revokedBy} names={names} visit={visit} />
          </>
        )}
        .{revokeReason !== null && revokeReason !== '' && <bdi class="quoted"> “{revokeReason}”</bdi>}
      </Warning>
    );
  }
  if (expiresAt === null || statusOf(token, visit.now) !== 'active') return null;
  if (expiresAt.getTime() - visit.now.getTime() > SOON_MS) return null;
  return (
    <Warning>
      It expires {relativeTime(expiresAt, visit.now)}, on {absoluteTime(expiresAt)}. Rotating it can give it a later
      end.
    </Warning>
  );
}

/** What a token has issued outlives it, unless it is revoked as well. */
function Issued({ visit, token, issued }: StandingProps) {
  if (issued.count === 0) return null;
  const said = `${issued.isMore ? 'more than ' : ''}${counted(issued.count, 'token')}`;
  const isLeft = isOver(token, visit.now);
  return (
    <Warning tone={isLeft ? 'warn' : 'plain'}>
      It has issued {said} that {issued.count === 1 ? 'is' : 'are'} neither revoked nor expired.{' '}
      {isLeft && visit.may('revokeToken') && <a href={tokenPath(visit, token, '/revoke')}>Revoke what it has issued</a>}
    </Warning>
  );
}

function Warning({ tone = 'warn', children }: { tone?: 'warn' | 'bad' | 'plain'; children: unknown }) {
  return (
    <div class={tone === 'plain' ? 'alert' : `alert alert-${tone}`}>
      <Icon name={tone === 'plain' ? 'token' : 'warning'} />
      <span>{children}</span>
    </div>
  );
}
