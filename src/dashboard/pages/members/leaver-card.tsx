import { ENVIRONMENTS } from '../../../credentials/format.ts';
import type { Member } from '../../../identity/members/member.ts';
import type { OwnedTokens } from '../../../tokens/owned.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Card } from '../../parts/facts.tsx';
import { ownedTokensPhrase, tokensPath } from './owned-tokens.tsx';

/** What is left to do once somebody has left. */
export function LeaverCard({ visit, member, tokens }: { visit: Visit; member: Member; tokens: OwnedTokens }) {
  const owned = ownedTokensPhrase(tokens);
  return (
    <Card title="What is left">
      {owned === undefined ? (
        <p>This member has left no tokens behind that could work again.</p>
      ) : (
        <>
          <p>
            {owned} {tokens.live + tokens.test === 1 ? 'waits' : 'wait'} for another owner, inactive until then.
            Reassign what is still needed, and it works again at once. Revoke the rest.
          </p>
          <p class="actions">
            {ENVIRONMENTS.filter((environment) => tokens[environment] > 0).map((environment) => (
              <a class="button" href={tokensPath(environment, member.id)}>
                Reassign {environment} tokens
              </a>
            ))}
          </p>
        </>
      )}
      <p class="muted">
        API keys and tokens that belong to nobody live on.{' '}
        {visit.may('listApiKeys') && (
          <>
            Regenerate the <a href={visit.at('/keys')}>API keys</a> that this member has seen.
          </>
        )}
      </p>
    </Card>
  );
}
