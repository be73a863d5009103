import { isFinished, type TokenStatus as Status, statusOf, type Token } from '../../tokens/token.ts';
import { Badge, type Tone } from './badge.tsx';

const STATUSES: Readonly<Record<Status, { readonly tone: Tone; readonly text: string }>> = {
  active: { tone: 'good', text: 'Active' },
  not_yet_valid: { tone: 'accent', text: 'Not yet valid' },
  expired: { tone: 'plain', text: 'Expired' },
  revoked: { tone: 'bad', text: 'Revoked' },
};

/** What people call a status. */
export function statusText(status: Status): string {
  return STATUSES[status].text;
}

/** What a token is at `now`, and what keeps one that would be active from doing anything: that its owner is gone. */
export function TokenStatus({
  token,
  now,
}: {
  token: Pick<Token, 'revokedAt' | 'expiresAt' | 'notBefore' | 'owner'>;
  now: Date;
}) {
  const status = statusOf(token, now);
  const { tone, text } = STATUSES[status];
  const hasLostOwner = token.owner?.isRemoved === true && !isFinished(status);
  return hasLostOwner ? <Badge tone="warn">Owner removed</Badge> : <Badge tone={tone}>{text}</Badge>;
}

/** A secret, masked. */
export function Hint({ hint }: { hint: string }) {
  return <code class="token-hint">{hint}</code>;
}

/** Scopes by their names, of which no more than `max` are shown. */
export function ScopeTags({ scopes, max = Number.POSITIVE_INFINITY }: { scopes: readonly string[]; max?: number }) {
  // The last one takes no more room than saying that there is one more.
  const shown = scopes.length <= max + 1 ? scopes : scopes.slice(0, max);
  const rest = scopes.slice(shown.length);
  return (
    <span class="tags">
      {shown.map((scope) => (
        <span class="tag">{scope}</span>
      ))}
      {rest.length > 0 && (
        <span class="tag tag-more" title={rest.join(', ')}>
          +{rest.length}
        </span>
      )}
    </span>
  );
}
