import { type ApiKey, statusOf } from '../../../keys/api-key.ts';
import { Badge } from '../../parts/badge.tsx';
import { When } from '../../parts/when.tsx';

/** When and from where a key was last used. */
export function LastUse({
  apiKey: { lastUsedAt, lastUsedFrom },
  now,
}: {
  apiKey: Pick<ApiKey, 'lastUsedAt' | 'lastUsedFrom'>;
  now: Date;
}) {
  return (
    <>
      <When at={lastUsedAt} now={now} />
      {lastUsedAt !== null && lastUsedFrom !== null && (
        <span class="small nowrap">
          {' '}
          from <code>{lastUsedFrom}</code>
        </span>
      )}
    </>
  );
}

/** When a key ends, if it does. */
export function Expiry({ apiKey, now }: { apiKey: ApiKey; now: Date }) {
  if (apiKey.expiresAt === null) return <span class="muted">Never expires</span>;
  return (
    <>
      {statusOf(apiKey, now) === 'expired' && (
        <>
          <Badge tone="bad">Expired</Badge>{' '}
        </>
      )}
      <When at={apiKey.expiresAt} now={now} />
    </>
  );
}

/** The blocks that a key may be used from. */
export function Networks({ cidrs }: { cidrs: ApiKey['allowedCidrs'] }) {
  if (cidrs === null) return <>Any address</>;
  return (
    <span class="tags">
      {cidrs.map((cidr) => (
        <span class="tag">{cidr}</span>
      ))}
    </span>
  );
}
