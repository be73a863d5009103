import type { Attention } from '../../../introspection/attention/attention.ts';
import type { Visit } from '../../kernel/visit.ts';
import { thousands } from '../../parts/times.ts';

/** The numbers of today. */
export function Stats({ visit, attention }: { visit: Visit; attention: Attention }) {
  const { active, usesToday, deniedUses, refusedCalls } = attention;
  return (
    <div class="stats">
      <a class="stat" href={visit.at('/tokens?status=active')}>
        <p class="stat-label">Active tokens</p>
        <p class="stat-value">{atLeast(active)}</p>
      </a>
      <Stat label="Uses today (UTC)" value={thousands(usesToday)} />
      <Stat label="Denied uses, 24 hours" value={thousands(deniedUses.last24Hours)} before={deniedUses.before} />
      {refusedCalls !== null && (
        <Stat
          label="Refused calls, 24 hours"
          value={thousands(refusedCalls.last24Hours)}
          before={refusedCalls.before}
        />
      )}
    </div>
  );
}

function Stat({ label, value, before }: { label: string; value: string; before?: number }) {
  return (
    <div class="stat">
      <p class="stat-label">{label}</p>
      <p class="stat-value">{value}</p>
      {before !== undefined && <p class="stat-label">{thousands(before)} in the 24 hours before</p>}
    </div>
  );
}

/** `10,000+` where counting went no further. */
export function atLeast({ count, isMore }: { readonly count: number; readonly isMore: boolean }): string {
  return `${thousands(count)}${isMore ? '+' : ''}`;
}
