import { ENVIRONMENTS, type Environment } from '../../../credentials/format.ts';
import type { MemberId } from '../../../lib/ids.ts';
import type { OwnedTokens } from '../../../tokens/owned.ts';
import { counted, thousands } from '../../parts/times.ts';

/** `3 live`, `1 test`: each leads to those tokens. */
export function OwnedTokensText({ memberId, tokens }: { memberId: MemberId; tokens: OwnedTokens }) {
  const some = ENVIRONMENTS.filter((environment) => tokens[environment] > 0);
  if (some.length === 0) return <a href={tokensPath('live', memberId)}>none</a>;
  return (
    <>
      {some.map((environment, n) => (
        <>
          {n > 0 && ', '}
          <a href={tokensPath(environment, memberId)}>{`${thousands(tokens[environment])} ${environment}`}</a>
        </>
      ))}
    </>
  );
}

/** `3 live tokens and 1 test token`; undefined for none. */
export function ownedTokensPhrase(tokens: OwnedTokens): string | undefined {
  const some = ENVIRONMENTS.filter((environment) => tokens[environment] > 0);
  if (some.length === 0) return undefined;
  return some.map((environment) => counted(tokens[environment], `${environment} token`)).join(' and ');
}

/** Where the tokens of a member are listed. */
export function tokensPath(environment: Environment, memberId: MemberId): string {
  return `/${environment}/tokens?owner=${memberId}`;
}
