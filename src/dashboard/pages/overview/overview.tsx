import { EXPIRING_DAYS, IDLE_DAYS, readAttention } from '../../../introspection/attention/attention.ts';
import { readActivity } from '../../../introspection/usage/activity.ts';
import type { Pages } from '../../kernel/pages.ts';
import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { UseCard } from '../../parts/use-card.tsx';
import { FindingCard, QuietCard } from './finding-card.tsx';
import { FirstSteps } from './first-steps.tsx';
import { DeniedCard, NewSourcesCard } from './incident-cards.tsx';
import { Stats } from './stats.tsx';
import { hasTokens, readSteps } from './steps.ts';
import { viewWithoutTokens } from './without-tokens.tsx';

const DAY_MS = 86_400_000;

/** What needs attention, and how much is going on. A workspace that is new is told what to do first. */
export function mountOverview(pages: Pages): void {
  pages.page('/overview', 'listTokens', showOverview);
}

async function showOverview(visit: Visit): Promise<View> {
  const { services, caller } = visit;
  if (caller.principal.access === 'member' && !(await hasTokens(visit))) return viewWithoutTokens(visit);
  const [attention, activity] = await Promise.all([readAttention(services, caller), readActivity(services, caller)]);
  // Where tokens work, somebody has issued one: there are no first steps to read.
  const steps = attention.active.count > 0 ? undefined : await readSteps(visit);
  const { expiring, idle, neverExpiring, deniedUses, newSources } = attention;
  const soon = new Date(visit.now.getTime() + EXPIRING_DAYS * DAY_MS);
  const longAgo = new Date(visit.now.getTime() - IDLE_DAYS * DAY_MS);
  const findings = [
    {
      title: 'Expiring soon',
      note: `They end within ${EXPIRING_DAYS} days. Rotate or replace those that are still needed.`,
      found: expiring,
      shows: 'expiry',
      all: `/tokens?${new URLSearchParams({ status: 'active', expires_before: soon.toISOString() })}`,
    },
    {
      title: 'Idle',
      note: `Not used for ${IDLE_DAYS} days. What nobody uses, somebody else may.`,
      found: idle,
      shows: 'use',
      all: `/tokens?${new URLSearchParams({ status: 'active', unused_since: longAgo.toISOString() })}`,
    },
    {
      title: 'Without an end',
      note: 'They never expire: only a revocation ends them.',
      found: neverExpiring,
      shows: 'use',
      all: undefined,
    },
  ] as const;
  const isQuiet =
    findings.every(({ found }) => found.count === 0 && !found.isMore) &&
    deniedUses.tokens.length === 0 &&
    newSources.length === 0;
  const isUnused = steps !== undefined && activity.days.every(({ accepted, denied }) => accepted + denied === 0);
  return {
    title: 'Overview',
    section: 'overview',
    actions: visit.may('issueToken') && (
      <a class="button button-primary" href={visit.at('/tokens/new')}>
        Issue token
      </a>
    ),
    body: (
      <>
        {steps !== undefined && <FirstSteps visit={visit} steps={steps} />}
        <Stats visit={visit} attention={attention} />
        {!isUnused && <UseCard activity={activity} />}
        {isQuiet && steps === undefined && <QuietCard />}
        {!isQuiet && (
          <div class="columns">
            {findings.map((finding) => (
              <FindingCard visit={visit} {...finding} />
            ))}
            <DeniedCard visit={visit} denied={deniedUses} />
            <NewSourcesCard visit={visit} sources={newSources} />
          </div>
        )}
      </>
    ),
  };
}
