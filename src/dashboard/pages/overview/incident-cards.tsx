import type { Attention } from '../../../introspection/attention/attention.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Card } from '../../parts/facts.tsx';
import { counted } from '../../parts/times.ts';
import { Hint } from '../../parts/token.tsx';
import { When } from '../../parts/when.tsx';

/** Tokens that were presented and not good, the most often first. */
export function DeniedCard({ visit, denied }: { visit: Visit; denied: Attention['deniedUses'] }) {
  if (denied.tokens.length === 0) return null;
  return (
    <Card title="Denied in the last 24 hours" note="Somebody presents them, and they are not good there and then.">
      <ul class="rows">
        {denied.tokens.map(({ token, count }) => (
          <li>
            <span class="row-name">
              <a href={visit.at(`/tokens/${token.id}`)}>{token.name}</a>
              <Hint hint={token.hint} />
            </span>
            <span class="row-side">{counted(count, 'time')}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** From where tokens have come for the first time. */
export function NewSourcesCard({ visit, sources }: { visit: Visit; sources: Attention['newSources'] }) {
  if (sources.length === 0) return null;
  return (
    <Card title="New sources this week" note="Tokens that were used from an address for the first time.">
      <ul class="rows">
        {sources.map(({ tokenId, tokenName, address, at }) => (
          <li>
            <span class="row-name">
              <a href={visit.at(`/tokens/${tokenId}`)}>{tokenName ?? 'a token whose name was erased'}</a>
              <code>{address ?? 'one of very many addresses'}</code>
            </span>
            <span class="row-side">
              <When at={at} now={visit.now} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
