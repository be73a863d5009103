import type { ApiKeyReliance } from '../../../introspection/usage/reliance.ts';
import type { Visit } from '../../kernel/visit.ts';
import { thousands } from '../../parts/times.ts';
import { When } from '../../parts/when.tsx';

/** Who relies on a key: what the end of its value will break. */
export function KeyReliance({ visit, reliance }: { visit: Visit; reliance: ApiKeyReliance }) {
  if (reliance.lastUsedAt === null)
    return <div class="alert narrow-wide">It was never used, as far as Tooken knows: nothing should break.</div>;
  return (
    <dl class="stats">
      <div class="stat">
        <dt class="stat-label">Last used</dt>
        <dd>
          <When at={reliance.lastUsedAt} now={visit.now} />
          {reliance.lastUsedFrom !== null && <code class="small">{reliance.lastUsedFrom}</code>}
        </dd>
      </div>
      <Count label="Introspections today" count={reliance.introspectionsToday} />
      <Count label="Introspections in 7 days" count={reliance.introspectionsIn7Days} />
    </dl>
  );
}

function Count({ label, count }: { label: string; count: number }) {
  return (
    <div class="stat">
      <dt class="stat-label">{label}</dt>
      <dd class="stat-value">{thousands(count)}</dd>
    </div>
  );
}
